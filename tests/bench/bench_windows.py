#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A seeded model of Gemma 3 270M's layers (15 of 18 see 512 tokens, a vocabulary of 32,000): `winnow record` over 4,096 tokens, from
its start to the closed file, beside the forward pass alone in transformers (SDPA, float32, all logits), in turns.

Usage: bench_windows.py WINNOW ROUNDS      prints a JSON line
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKENS = 4096


def make_model(folder):
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    torch.manual_seed(0)
    config = Gemma3TextConfig(vocab_size=32000, hidden_size=640, intermediate_size=2048, num_hidden_layers=18, num_attention_heads=4,
                              num_key_value_heads=1, head_dim=256, sliding_window=512)
    Gemma3ForCausalLM(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(ROOT / "resources/models/demo" / name, folder)


def theirs(folder):
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(os.cpu_count())
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
    ids = torch.tensor([[i * 7919 % 32000 for i in range(TOKENS)]])
    with torch.inference_mode():
        model(ids[:, :64], use_cache=False)
        begun = time.perf_counter()
        model(ids, use_cache=False)
    print(json.dumps({"seconds": time.perf_counter() - begun}))


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()}")
    return done.stdout


def main(program, rounds):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_model(folder / "model")
        text, out = folder / "text.txt", folder / "trace.h5"
        text.write_text("\n\n".join(sample.read_text() for sample in sorted((ROOT / "resources/texts").glob("*.txt"))))
        ours, peers = [], []
        for _ in range(rounds):
            begun = time.perf_counter()
            run(program, "record", "--model", folder / "model", "--text", text, "--tokens", TOKENS, "--out", out)
            ours.append(time.perf_counter() - begun)
            out.unlink()
            answer = run(sys.executable, __file__, "--theirs", folder / "model")
            peers.append(json.loads(answer.splitlines()[-1])["seconds"])
    print(json.dumps({"seconds": statistics.median(ours), "peer_seconds": statistics.median(peers),
                      "times_slower": statistics.median(a / b for a, b in zip(ours, peers))}))


if __name__ == "__main__":
    if sys.argv[1] == "--theirs":
        theirs(sys.argv[2])
    else:
        main(sys.argv[1], int(sys.argv[2]))
