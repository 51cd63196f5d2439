#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A seeded Llama of 110 million parameters: Winnow's prefill and decode beside transformers' (SDPA, float32), in turns.

Usage: bench_model.py BENCH_MODEL ROUNDS      prints a JSON line for loading, and one per work
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PROMPT, TOKENS = 512, 64


def make_model(folder):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=32000, hidden_size=768, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=12,
                         tie_word_embeddings=True)
    LlamaForCausalLM(config).save_pretrained(folder)


def theirs(folder):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
    ids = torch.tensor([[i * 7919 % 32000 for i in range(PROMPT)]])
    with torch.inference_mode():
        model(ids, use_cache=True, logits_to_keep=1)
        begun = time.perf_counter()
        out = model(ids, use_cache=True, logits_to_keep=1)
        prefill, begun, total = time.perf_counter() - begun, time.perf_counter(), 0
        for _ in range(TOKENS):
            chosen = out.logits[:, -1].argmax(-1, keepdim=True)
            total += int(chosen)
            out = model(chosen, past_key_values=out.past_key_values, use_cache=True, logits_to_keep=1)
        decode = time.perf_counter() - begun
    print(json.dumps({"prefill": prefill, "decode": decode, "ids": total}))


def answer(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def main(program, rounds):
    with tempfile.TemporaryDirectory() as name:
        make_model(pathlib.Path(name))
        size = sum(file.stat().st_size for file in pathlib.Path(name).glob("*.safetensors"))
        ours, peers = [], []
        for _ in range(rounds):
            ours.append({line["work"]: line for line in answer(program, name, PROMPT, TOKENS)})
            peers.append(answer(sys.executable, __file__, "--theirs", name)[0])
    loads, reads = ([one[work]["seconds"] for one in ours] for work in ("load", "read"))
    print(json.dumps({"load": loads, "read": reads, "megabytes": size / 1e6}))
    for work, tokens in (("prefill", PROMPT), ("decode", TOKENS)):
        mine, other = [one[work]["seconds"] for one in ours], [one[work] for one in peers]
        print(json.dumps({"work": f"{work} {tokens} tokens, Llama of 110 million parameters", "seconds": statistics.median(mine),
                          "peer_seconds": statistics.median(other), "times_faster": statistics.median(b / a for a, b in zip(mine, other)),
                          "same_ids": all(a[work]["ids"] == b["ids"] for a, b in zip(ours, peers))}))


if __name__ == "__main__":
    if sys.argv[1] == "--theirs":
        theirs(sys.argv[2])
    else:
        main(sys.argv[1], int(sys.argv[2]))
