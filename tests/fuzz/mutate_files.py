#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds mutated files to the commands of winnow and counts how they end: python3 mutate_files.py WINNOW [--runs N] [--seed S]

Seeds are a trace of tests/fixtures, replays of it as .h5 and .npz, and the files of the demo model; each run mutates one of them and
calls one command over it, with 1 GiB of memory beyond what the same command needs for the seed, and a time-out. Counted are: done (exit
code 0), sentence (exit code 1 or 2 and one line that begins with "winnow"), aborted (a signal, a broken contract, or no sentence), memory
(a sentence that memory ran out), hung. Files of everything but the first two stay in the folder that is named at the end. Needs nothing
but Python; a run takes about a second, of which most is the start of the program.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import resource
import shutil
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
GIB = 1 << 30
SECONDS = 60


def run(command, limit=None, seconds=SECONDS):
    """Exit code (None: hung), standard error, and the largest address space that was seen."""
    def bound():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    env = os.environ | {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=bound, env=env)
    peak, ended = 0, threading.Event()

    def watch():
        nonlocal peak
        while not ended.wait(0.01):
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                peak = max(peak, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmPeak")), 0)
            except (OSError, TypeError):
                return

    watcher = threading.Thread(target=watch) if limit is None else None
    if watcher:
        watcher.start()
    try:
        error = process.communicate(timeout=seconds)[1].decode(errors="replace")
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        error, code = process.communicate()[1].decode(errors="replace"), None
    ended.set()
    if watcher:
        watcher.join()
    return code, error, peak


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
    if code is None:
        return "hung"
    if code < 0 or code > 2 or "contract broken" in error or "terminate called" in error:
        return "aborted"
    lines = [line for line in error.splitlines() if line]
    if "memory ran out" in error:
        return "memory"
    if code == 0:
        return "done"
    return "sentence" if lines and lines[-1].startswith("winnow") else "aborted"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("winnow")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="the name of one seed")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="winnow-mutate-"))
    winnow = os.path.abspath(options.winnow)
    trace = work / "trace.h5"
    shutil.copy(ROOT / "tests/fixtures/trace/llama.h5", trace)
    policies = ["--policy", "full", "--policy", "h2o:budget=8", "--policy", "quest:budget=8,page=2", "--policy", "zeromerge:budget=8"]
    for name in ("replay.h5", "replay.npz"):
        code, error, _ = run([winnow, "replay", str(trace), *policies, "--out", str(work / name)])
        assert code == 0, error
    model = ROOT / "resources/models/demo"
    info, out = ["info", "FILE"], ["--out", "OUT"]
    of_trace = [info, ["replay", "FILE", "--policy", "h2o:budget=8", *out], ["figure", "treekv-2", "FILE", *out]]
    of_replay = [info, ["figure", "retention", "FILE", *out], ["figure", "kept", "FILE", *out], ["compare", "FILE"]]
    seeds = {"trace.h5": (trace, of_trace), "replay.h5": (work / "replay.h5", of_replay), "replay.npz": (work / "replay.npz", of_replay)}
    for file in sorted(one for one in model.iterdir() if one.is_file()):
        seeds[f"model/{file.name}"] = (file, [["info", "MODEL"], ["tokenize", "--model", "MODEL", "--text", "TEXT"]])
    (work / "text.txt").write_text("Some text of a few words.\n")
    seeds = {name: seed for name, seed in seeds.items() if options.only in name}

    def command_of(template, folder, file):
        words = {"FILE": str(folder / file), "OUT": str(folder / "out.csv"), "MODEL": str(folder), "TEXT": str(work / "text.txt")}
        return [winnow, *(words.get(word, word) for word in template)]

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
        return f"{name}: {templates[at][0]} {templates[at][1] if templates[at][1].islower() else ''}", kind

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
