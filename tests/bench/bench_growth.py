#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the time of a replay grows with the text, at budget 256: the exponent of the processor's seconds from 2,048 to 16,384 tokens, on one
thread, without what the program takes to start. Decode-time policies act from the first step; the prompt of the others is all but the
last 512 tokens.

Usage: bench_growth.py WINNOW      prints a JSON line for each policy
"""
import json
import math
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

LENGTHS, AFTER, BUDGET = (2048, 16384), 512, 256
DECODE = ("h2o", "tova", "treekv", "scissorhands", "rkv", "lacache", "cake", "zeromerge", "morphkv", "keyformer")
PROMPT = ("snapkv", "pyramidkv", "dynamickv", "ada-snapkv", "chunkkv", "expected-attention")


def seconds(*command, runs=3):
    """User time, of the runs the least."""
    least = math.inf
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
        if done.returncode != 0:
            sys.exit(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()}")
        least = min(least, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return least


def main(program):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for tokens in LENGTHS:
            seconds(sys.executable, pathlib.Path(__file__).with_name("large_trace.py"), folder / f"{tokens}.h5", tokens, 3, 8, 32, runs=1)
        start = seconds(program, "--version")
        for kind, policies in (("decode", DECODE), ("prompt", PROMPT)):
            for policy in policies:
                times = [seconds(program, "replay", folder / f"{tokens}.h5", "--policy", f"{policy}:budget={BUDGET}", "--prompt",
                                 0 if kind == "decode" else tokens - AFTER, "--no-oracle", "--device", "cpu", "--out", folder / "R.npz") - start
                         for tokens in LENGTHS]  # fmt: skip
                short, long = (max(each, 0.01) for each in times)  # what the clock cannot tell from nothing
                print(json.dumps({"kind": kind, "policy": policy, "seconds": long, "exponent": math.log(long / short, LENGTHS[1] / LENGTHS[0])}),
                      flush=True)


main(sys.argv[1])
