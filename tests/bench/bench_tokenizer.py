#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of 1 MB to tokens on one core, Winnow beside the library tokenizers, in turns, for tokenizers in the layouts of six families.

Seconds are those that the processor worked, of both: neither uses a second thread for one text.

Usage: bench_tokenizer.py BENCH_TOKENIZER ROUNDS      prints a JSON line per layout and text

The prose is made of the words of resources/texts in a seeded order, every tenth one put together from halves of two others, so that many
words are met only once, as in books. The other texts have no place to cut: one letter, letters at random, one emoji.
"""
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZE = 1 << 20
LAYOUTS = ["gpt2", "llama3", "qwen2", "llama2", "gemma", "t5"]


def prose(size):
    rng = random.Random(3)
    words = " ".join(path.read_text() for path in sorted((ROOT / "resources/texts").glob("*.txt"))).split(" ")
    text = []
    while len(text) * 4 < size: # words have five letters and more
        word = rng.choice(words)
        text.append(word if rng.random() < 0.9 else word[:len(word) // 2] + rng.choice(words)[1:])
    return cut(" ".join(text), size)


def cut(text, size):
    return text.encode()[:size].decode(errors="ignore")


def texts(folder):
    rng = random.Random(4)
    made = {"prose": prose(SIZE), "prose, a quarter": prose(SIZE // 4), "one letter": "a" * SIZE, "one emoji": cut("\U0001F600" * SIZE, SIZE),
            "letters": "".join(rng.choice("etaoinshrdlu") for _ in range(SIZE)), "prose and é": cut("é " + prose(SIZE), SIZE)}
    for name, text in made.items():
        (folder / f"{name}.txt").write_text(text)
    return [folder / f"{name}.txt" for name in made]


def theirs(layout, paths):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(layout)
    for path in map(pathlib.Path, paths):
        text = path.read_text()
        tokenizer.encode(text[:SIZE // 16])
        begun = time.process_time()
        tokens = len(tokenizer.encode(text).ids)
        print(json.dumps({"work": path.stem, "seconds": time.process_time() - begun, "tokens": tokens}), flush=True)


def answer(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=os.environ | {"TOKENIZERS_PARALLELISM": "false"})
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()}")
    return {line["work"]: line for line in map(json.loads, done.stdout.splitlines())}


def main(program, rounds):
    with tempfile.TemporaryDirectory() as name:
        paths = texts(pathlib.Path(name))
        for layout in LAYOUTS:
            path = ROOT / f"tests/fixtures/tokenizer/{layout}.json"
            pairs = [(answer(program, path, *paths), answer(sys.executable, __file__, "--theirs", path, *paths)) for _ in range(rounds)]
            for work in pairs[0][0]:
                size = next(each for each in paths if each.stem == work).stat().st_size
                ours, other = [mine[work]["seconds"] for mine, _ in pairs], [peer[work]["seconds"] for _, peer in pairs]
                print(json.dumps({"layout": layout, "work": work, "seconds": statistics.median(ours), "peer_seconds": statistics.median(other),
                                  "least": min(mine[work]["least"] for mine, _ in pairs),
                                  "megabytes_per_second": size / 1e6 / statistics.median(ours),
                                  "times_faster": statistics.median(b / a for a, b in zip(ours, other)),
                                  "same_count": all(mine[work]["tokens"] == peer[work]["tokens"] for mine, peer in pairs)}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--theirs":
        theirs(sys.argv[2], sys.argv[3:])
    else:
        main(sys.argv[1], int(sys.argv[2]))
