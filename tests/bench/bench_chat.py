#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat templates rendered on one core, Winnow beside Python's jinja2 in the environment that transformers makes for it, in turns.

Seconds are those that the processor worked; both have read the templates before. The templates and conversations are those of
tests/fixtures/chat.

Usage: bench_chat.py BENCH_CHAT ROUNDS      prints one JSON line
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPEATS = 20


def work():
    fixture = json.loads((ROOT / "tests/fixtures/chat/chat.json").read_text())
    for case in fixture["cases"]:
        yield {"source": case["source"], "variables": [
            {"bos_token": "<s>", "eos_token": "</s>", "messages": row["turns"], "tools": None, "documents": None, "add_generation_prompt": row["opens"]}
            for row in case["conversations"] if row["text"] is not None]}


def theirs(items):
    from transformers.utils import chat_template_utils

    programs = [(chat_template_utils._compile_jinja_template(item["source"]), item["variables"]) for item in items]
    size, begun = 0, time.process_time()
    for _ in range(REPEATS):
        for program, every in programs:
            for variables in every:
                size += len(program.render(**variables).encode())
    return {"seconds": time.process_time() - begun, "bytes": size}


def ours(program, path):
    done = subprocess.run([program, path, str(REPEATS)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} failed ({done.returncode}): {done.stderr.strip()}")
    return json.loads(done.stdout)


def main(program, rounds):
    items = list(work())
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "work.json"
        path.write_text(json.dumps(items))
        pairs = [(ours(program, path), theirs(items)) for _ in range(rounds)]
    print(json.dumps({"work": "chat", "renderings": REPEATS * sum(len(item["variables"]) for item in items),
                      "seconds": statistics.median(mine["seconds"] for mine, _ in pairs),
                      "peer_seconds": statistics.median(peer["seconds"] for _, peer in pairs),
                      "times_faster": statistics.median(peer["seconds"] / mine["seconds"] for mine, peer in pairs),
                      "same_bytes": all(mine["bytes"] == peer["bytes"] for mine, peer in pairs)}))


main(sys.argv[1], int(sys.argv[2]))
