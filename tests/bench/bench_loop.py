#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoding while a policy evicts: a seeded Llama of 110 million parameters reads 2,048 tokens, the last 256 of them one by one under a
budget of 256 slots, by `winnow run` and by kvpress' DecodingPress, in turns. Then Winnow alone: what of such a step five policies
themselves take; 16,384 tokens, a budget of 512 beside the full cache; and `winnow ask` of 100 needles of 2,048 tokens under six policies
on two cores, with the demo model.

Usage: bench_loop.py WINNOW KVPRESS_PYTHON ROUNDS      prints a JSON line for each work; times are seconds a token
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
TOKENS, PROMPT, BUDGET = 2048, 1792, 256
POLICIES = {
    "streaming": "streaming:sinks=4,positions=keep",
    "knorm": "mix:score=knorm,select=lowest,sinks=0,recent=0",
    "tova": "tova:positions=keep",
}

EVICTING = {  # what of a step is theirs
    "StreamingLLM": "streaming",
    "H2O": "h2o",
    "TOVA": "tova",
    "TreeKV": "treekv",
    "SnapKV": "snapkv",
}
ASKED = ["full", "streaming", "h2o", "tova", "snapkv", "treekv"]


def theirs(folder, name):
    import kvpress
    import torch
    from transformers import AutoModelForCausalLM, DynamicCache

    makes = {"streaming": lambda: kvpress.StreamingLLMPress(n_sink=4), "knorm": kvpress.KnormPress, "tova": kvpress.TOVAPress}
    press = kvpress.DecodingPress(makes[name](), compression_interval=1, target_size=BUDGET)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval()
    ids, cache = torch.tensor([[i * 7919 % 4000 for i in range(TOKENS)]]), DynamicCache()
    with torch.inference_mode(), press(model):
        model(ids[:, :PROMPT], past_key_values=cache, logits_to_keep=1)
        begun = time.perf_counter()
        for at in range(PROMPT, TOKENS):
            model(ids[:, at : at + 1], past_key_values=cache, position_ids=torch.tensor([[at]]), logits_to_keep=1)
        print(json.dumps({"seconds": (time.perf_counter() - begun) / (TOKENS - PROMPT)}))


def run(*command, **settings):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **settings)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()}")
    return done.stdout


def ours(program, folder, tokens, prompt, *policies):
    """Seconds a token behind the prompt, and what part of them the policy took, for each policy."""
    import numpy as np

    out = folder / "run.npz"
    lines = [part for policy in policies for part in ("--policy", policy)]
    run(program, "run", "--model", folder / "model", "--text", folder / "text.txt", "--tokens", tokens, "--prompt", prompt, "--no-full", *lines,
        "--out", out)
    with np.load(out) as arrays:
        seconds = [float(arrays[f"milliseconds.{number}"][prompt:].mean()) / 1000 for number in range(len(policies))]
        manifest = dict(line.split("=", 1) for line in arrays["manifest"])
    return seconds, [float(share) for share in manifest["policy_time_share"].split(",")]


def cells(program, folder):
    """Seconds for ten depths, ten samples each."""
    def on_two_cores():
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])

    lines = [part for policy in ASKED for part in ("--policy", policy)]
    begun = time.perf_counter()
    run(program, "ask", "--model", ROOT / "resources/models/demo", "--device", "cpu", "--task", "needle", "--length", 2048, "--depths", 10, "--samples",
        10, "--budget", 128, *lines, "--out", folder / f"{begun}.jsonl", preexec_fn=on_two_cores)
    return time.perf_counter() - begun


def main(program, python, rounds):
    from bench_model import make_model

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_model(folder / "model")
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(ROOT / "resources/models/demo" / file, folder / "model")
        text = "\n\n".join(sample.read_text() for sample in sorted((ROOT / "resources/texts").glob("*.txt")))
        (folder / "text.txt").write_text(text * 8)
        for name, policy in POLICIES.items():
            mine, other = [], []
            for _ in range(rounds):
                mine += ours(program, folder, TOKENS, PROMPT, f"{policy},budget={BUDGET}")[0]
                other.append(json.loads(run(python, __file__, "--theirs", folder / "model", name).splitlines()[-1])["seconds"])
            print(json.dumps({"work": name, "seconds": statistics.median(mine), "peer_seconds": statistics.median(other),
                              "times_faster": statistics.median(b / a for a, b in zip(mine, other))}), flush=True)
        shares = [ours(program, folder, TOKENS, PROMPT, *(f"{policy}:budget={BUDGET}" for policy in EVICTING.values())) for _ in range(rounds)]
        for number, name in enumerate(EVICTING):
            print(json.dumps({"work": "eviction", "policy": name, "seconds": statistics.median(each[0][number] for each in shares),
                              "share": statistics.median(each[1][number] for each in shares)}), flush=True)
        short, full = ours(program, folder, 16384, 16384 - 64, "streaming:budget=512,positions=keep", "full")[0]
        print(json.dumps({"work": "long", "seconds": short, "peer_seconds": full, "times_faster": full / short}), flush=True)
        print(json.dumps({"work": "cells", "seconds": statistics.median(cells(program, folder) for _ in range(rounds))}))


if __name__ == "__main__":
    if sys.argv[1] == "--theirs":
        theirs(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
