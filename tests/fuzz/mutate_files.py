#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds mutated files to the commands of winnow and counts how they end: python3 mutate_files.py FORKED_COMMANDS [--runs N] [--seed S]

Seeds are a trace and GGUF models of tests/fixtures, replays of it as .h5 and .npz, lifetimes for the policy given, answers, a session,
and the files of the demo model; each run mutates one of them and calls one command over it, with 1 GiB of memory beyond what the same command needs for the seed, and a time-out. Counted are: done (exit
code 0), sentence (exit code 1 or 2 and one line that begins with "winnow"), aborted (a signal, a broken contract, or no sentence), memory
(a sentence that memory ran out), hung. Files of everything but the first two stay in the folder that is named at the end. FORKED_COMMANDS
is that program, built by `ninja -C build forked_commands`.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import queue
import random
import shutil
import subprocess
import tempfile
import zipfile

import make_seeds

ROOT = pathlib.Path(__file__).resolve().parents[2]
GIB = 1 << 30
SECONDS = 60
HUNG = 256


class Runner:
    """A process of forked_commands: runs one command after the other."""
    def __init__(self, program, work, number):
        env = os.environ | {"OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.errors = work / f"said{number}.txt"

    def run(self, command, limit=0):
        """Exit code (HUNG, or 128 + a signal), standard error, and the largest address space that was seen."""
        self.process.stdin.write("\t".join([str(limit), str(SECONDS), str(self.errors), *command]) + "\n")
        self.process.stdin.flush()
        code, peak = map(int, self.process.stdout.readline().split())
        return code, self.errors.read_text(errors="replace"), peak


def mutated(data, random):
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        at = random.randrange(len(data))
        if random.random() < 0.5:  # headers lie in front
            at = random.randrange(min(len(data), 8192))
        match random.randrange(7):
            case 0: data[at] ^= 1 << random.randrange(8)
            case 1: data[at] = random.choice((0, 1, 127, 128, 255))
            case 2: data[at:at + 4] = random.choice((0, 1, 0x7fffffff, 0xffffffff, 1 << 24, random.getrandbits(32))).to_bytes(4, "little")
            case 3: data[at:at + 8] = random.choice((0, 1 << 40, (1 << 64) - 1, random.getrandbits(64))).to_bytes(8, "little")
            case 4: del data[at:at + random.randrange(1, 64)]
            case 5: data[at:at] = data[at:at + random.randrange(1, 64)]
            case 6:
                if random.random() < 0.2:
                    del data[at:]
        if not data:
            return b"\0"
    return bytes(data)


def outcome(code, error):
    if code == HUNG:
        return "hung"
    if code > 2 or "contract broken" in error or "terminate called" in error:
        return "aborted"
    lines = [line for line in error.splitlines() if line]
    if "memory ran out" in error:
        return "memory"
    if code == 0:
        return "done"
    return "sentence" if lines and lines[-1].startswith("winnow") else "aborted"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("forked_commands")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="the name of one seed")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="winnow-mutate-"))
    runners = queue.SimpleQueue()
    for number in range(options.jobs):
        runners.put(Runner(os.path.abspath(options.forked_commands), work, number))

    def run(command, limit=0):
        runner = runners.get()
        try:
            return runner.run(command, limit)
        finally:
            runners.put(runner)

    trace = work / "trace.h5"
    shutil.copy(ROOT / "tests/fixtures/trace/llama.h5", trace)
    policies = ["--policy", "full", "--policy", "h2o:budget=8", "--policy", "quest:budget=8,page=2", "--policy", "zeromerge:budget=8"]
    for name in ("replay.h5", "replay.npz"):
        code, error, _ = run(["replay", str(trace), *policies, "--out", str(work / name)])
        assert code == 0, error
    with zipfile.ZipFile(work / "replay.npz") as replay, zipfile.ZipFile(work / "given.npz", "w") as given:
        given.writestr("evict_step.npy", replay.read("evict_step.1.npy"))
    (work / "session.winnow").write_bytes(dict(make_seeds.session_seeds())["whole"])
    (work / "answers.jsonl").write_bytes(dict(make_seeds.answer_seeds())["lines"])
    (work / "text.txt").write_text("Some text of a few words.\n")
    model = ROOT / "resources/models/demo"
    info, out = ["info", "FILE"], ["--out", "OUT"]
    of_trace = [info, ["replay", "FILE", "--policy", "h2o:budget=8", *out], ["figure", "treekv-2", "FILE", *out]]
    of_replay = [info, ["figure", "retention", "FILE", *out], ["figure", "kept", "FILE", *out], ["compare", "FILE"]]
    record = ["record", "--model", "FILE", "--text", "TEXT", "--out", "TRACE"]
    seeds = {"trace.h5": (trace, of_trace), "replay.h5": (work / "replay.h5", of_replay), "replay.npz": (work / "replay.npz", of_replay),
             "given.npz": (work / "given.npz", [["replay", str(trace), "--policy", "given:file=FILE", *out]]),
             "session.winnow": (work / "session.winnow", [info]), "answers.jsonl": (work / "answers.jsonl", [["score", "FILE"]]),
             "llama.gguf": (ROOT / "tests/fixtures/gguf/llama.gguf", [info, record]),
             "gemma4.gguf": (ROOT / "tests/fixtures/gguf/gemma4.gguf", [info, record])}
    for name in ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        seeds[f"model/{name}"] = (model / name, [["info", "MODEL"], ["record", "--model", "MODEL", *record[3:]]])
    seeds = {name: seed for name, seed in seeds.items() if options.only in name}

    def command_of(template, folder, file):
        words = {"FILE": folder / file, "OUT": folder / "out.csv", "TRACE": folder / "out.h5", "MODEL": folder, "TEXT": work / "text.txt"}
        for name, path in words.items():
            template = [word.replace(name, str(path)) for word in template]
        return template

    def prepare(name, number, data):
        folder = work / f"run{number}"
        folder.mkdir()
        if name.startswith("model/"):
            for file in (one for one in model.iterdir() if one.is_file()):
                (folder / file.name).symlink_to(file)
            (folder / name[6:]).unlink()
        (folder / name.removeprefix("model/")).write_bytes(data)
        return folder

    limits = {}
    for name, (path, templates) in seeds.items():
        for at, template in enumerate(templates):
            folder = prepare(name, f"-{len(limits)}", path.read_bytes())
            code, error, peak = run(command_of(template, folder, path.name))
            if code != 0:
                print(f"the seed {name} itself: {' '.join(template)}: {error.strip()}")
            limits[name, at] = peak + GIB
            shutil.rmtree(folder)

    def one(number):
        chosen = random.Random(f"{options.seed}/{number}")
        name = chosen.choice(sorted(seeds))
        path, templates = seeds[name]
        at = chosen.randrange(len(templates))
        folder = prepare(name, number, mutated(path.read_bytes(), chosen))
        code, error, _ = run(command_of(templates[at], folder, path.name), limits[name, at])
        kind = outcome(code, error)
        if kind in ("done", "sentence"):
            shutil.rmtree(folder)
        else:
            (folder / "said.txt").write_text(f"{' '.join(templates[at])}\nexit code {code}\n{error}")
        verb, noun = templates[at][:2]
        return f"{name}: {verb} {noun if noun.islower() and noun.isalnum() else ''}", kind

    counts = collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for what, kind in pool.map(one, range(options.runs)):
            counts[what][kind] += 1
    total = sum(counts.values(), collections.Counter())
    for what, each in sorted(counts.items()):
        print(f"{what:32}", dict(each))
    print(f"{'all':32}", dict(total))
    if set(total) - {"done", "sentence"}:
        print(f"the others are in {work}")
    else:
        shutil.rmtree(work)


main()
