#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every benchmark beside its peer, in turns on the same machine, and prints one table: the work, Winnow's time, the peer's, the
ratio measured and the ratio to reach. Times are medians over the rounds, in seconds; ratios are medians of the rounds' ratios.

Usage: run.py [rounds]      (`./run bench` calls it with an environment that has the peers)
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WINNOW_BUILD", ROOT / "build"))
MODEL = ROOT / "resources/models/demo"
ROUNDS = int(sys.argv[1]) if len(sys.argv) == 2 else 5
BUDGET = 128
# kvpress wants an older transformers than the other peers; `./run bench` makes this environment, too.
KVPRESS_PYTHON = BUILD / "bench-env-kvpress/bin/python"


def lines_of(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def engine(text, folder, tokens):
    return {line["work"]: line["seconds"] for line in lines_of(BUILD / "bench_engine", MODEL, text, folder, tokens)}


def eager_seconds(text, tokens):
    """transformers, eager attention, all attention matrices returned."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(os.cpu_count())
    begun = time.perf_counter()
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager")
    loaded = time.perf_counter()
    ids = torch.tensor([tokenizer(text.read_text())["input_ids"][:tokens]])
    with torch.inference_mode():
        model(ids, output_attentions=True, use_cache=False)
    done = time.perf_counter()
    return {"eager": done - loaded, "eager with loading": done - begun}


def loop_seconds(folder, tokens):
    """The plain PyTorch loops on the trace that Winnow recorded, and the share of lifetimes that agree with Winnow's."""
    import h5py
    import numpy as np
    import torch

    import torch_policies

    torch.set_num_threads(os.cpu_count())
    seconds, agreement = {}, {}
    for which, policies in (("kept", torch_policies.POLICIES), ("loops", torch_policies.MORE_POLICIES)):
        kept = np.load(folder / f"{which}-{tokens}.npz")
        for number, (name, policy) in enumerate(policies.items()):
            begun = time.perf_counter()
            with h5py.File(folder / f"trace-{tokens}.h5") as file:
                lifetimes = [policy(torch_policies.read_layer(file, layer), BUDGET).numpy() for layer in range(len(file["layers"]))]
            seconds[name] = time.perf_counter() - begun
            answer = "read" if name in torch_policies.SELECTIONS else "evict_step"
            agreement[name] = float((np.stack(lifetimes) == kept[f"{answer}.{number}"]).mean())
    return seconds, agreement


def in_fresh_process(call):
    """A peer in a process of its own, so that it starts as cold as Winnow's program does."""
    return lines_of(sys.executable, __file__, "--peer", call)[0]


class Table:
    def __init__(self):
        self.rows = []

    def add(self, work, ours, theirs, ratios, reach, good):
        ratio = statistics.median(ratios)
        self.rows.append((work, f"{statistics.median(ours):.3f}", f"{statistics.median(theirs):.3f}" if theirs else "-",
                          f"{ratio:.2f}", reach, "yes" if good(ratio) else "NO"))

    def print(self):
        head = ("work", "Winnow s", "peer s", "measured", "to reach", "reached")
        widths = [max(len(row[i]) for row in [head, *self.rows]) for i in range(len(head))]
        for row in [head, *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    table = Table()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        text = folder / "text.txt"
        samples = sorted((ROOT / "resources/texts").glob("*.txt"))
        text.write_text("\n\n".join(sample.read_text() for sample in samples))
        for tokens in (1024, 2048):
            ours, eager = [], []
            loops, agreement, presses, cold = [], {}, [], []
            for _ in range(ROUNDS):
                ours.append(engine(text, folder, tokens))
                eager.append(in_fresh_process(json.dumps({"eager": [str(text), tokens]})))
                if tokens == 2048:
                    answer = in_fresh_process(json.dumps({"loops": [str(folder), tokens]}))
                    loops.append(answer["seconds"])
                    agreement = answer["agreement"]
                    cold += [each["seconds"] for each in lines_of(BUILD / "bench_engine", MODEL, text, folder, tokens, "loop rkv")
                             if each["work"] == "loop rkv"]
                    presses += lines_of(KVPRESS_PYTHON, pathlib.Path(__file__).with_name("bench_presses.py"), folder / f"trace-{tokens}.h5")
            of = lambda work: [one[work] for one in ours]
            ratios = lambda top, bottom: [a / b for a, b in zip(top, bottom)]
            table.add(f"record {tokens:,} tokens; peer: the forward alone", of("record"), of("forward"),
                      ratios(of("record"), of("forward")), "<= 1.3", lambda r: r <= 1.3)
            theirs = [one["eager"] for one in eager]
            table.add(f"record {tokens:,} tokens; peer: transformers eager, attentions", of("record"), theirs,
                      ratios(theirs, of("record")), ">= 2", lambda r: r >= 2)
        milliseconds = [1000 * seconds for seconds in of("tile")]
        table.add("attention tile of 1,024 x 1,024, one head (ms)", of("tile"), None, milliseconds, "<= 50", lambda ms: ms <= 50)
        for policy in ("h2o", "tova", "treekv"):
            theirs = [one[policy] for one in loops]
            mine = of(f"replay {policy}:budget={BUDGET}")
            table.add(f"replay {policy}, 2,048 tokens; peer: PyTorch loop ({agreement[policy]:.2%} equal)", mine, theirs,
                      ratios(theirs, mine), ">= 20", lambda r: r >= 20)
        for policy in (line.removeprefix("loop ") for line in ours[0] if line.startswith("loop ")):
            theirs, mine, reach = [one[policy] for one in loops], of(f"loop {policy}"), 10 if policy == "rkv" else 20
            table.add(f"replay {policy}, 2,048 tokens; peer: PyTorch loop ({agreement[policy]:.2%} equal)", mine, theirs,
                      ratios(theirs, mine), f">= {reach}", lambda r, reach=reach: r >= reach)
        theirs = [one["rkv"] for one in loops]
        table.add("replay rkv, 2,048 tokens, the first of its process; peer: PyTorch loop", cold, theirs, ratios(theirs, cold), ">= 10",
                  lambda r: r >= 10)
        for press in presses[0]:
            theirs, mine = [one[press] for one in presses], of(f"press {press}")
            table.add(f"choice of {press}, 2,048 tokens; peer: kvpress", mine, theirs, ratios(theirs, mine), ">= 1", lambda r: r >= 1)
        alone = [sum(seconds for work, seconds in one.items() if work.startswith("alone ")) for one in ours]
        table.add("eight policies in one pass; peer: the eight alone", of("eight together"), alone,
                  ratios(of("eight together"), alone), "<= 0.6", lambda r: r <= 0.6)
        table.add("sixteen policies in one pass; peer: the sixteen alone", of("sixteen together"), of("sixteen alone"),
                  ratios(of("sixteen together"), of("sixteen alone")), "<= 0.5", lambda r: r <= 0.5)
        table.add("what evictors could keep with the slots of one policy, 2,048 tokens (s)", of("evictors"), None, of("evictors"), "<= 10",
                  lambda s: s <= 10)
        add_gpu(table)
        add_growth(table)
        add_model(table)
        add_loop(table)
        add_windows(table)
        add_tokenizer(table)
        add_chat(table)
        add_wavelet(table)
        add_analysis(table, folder)
        add_brush(table)
        add_window(table, folder)
    table.print()
    print_policies(ours)


def print_policies(ours):
    """Every policy alone over 2,048 tokens, the first half as prompt, with the oracle's mass: time per token and lane."""
    print("\npolicy, defaults      microseconds per token and lane")
    for work in ours[0]:
        if work.startswith("policy "):
            seconds = statistics.median(one[work] for one in ours)
            print(f"{work.removeprefix('policy '):<20}  {seconds / 2048 / ours[0]['lanes'] * 1e6:8.2f}")


def add_gpu(table):
    """Replays of 8,192 tokens and 256 lanes on a GPU beside the CPU, and how near they come to reading float32 keys and values once a step."""
    for answer in lines_of(BUILD / "bench_gpu"):
        if "skipped" in answer:
            print(f"no rows for a GPU: {answer['skipped']}")
            return
        seconds, cpu, bound = answer["seconds"], answer["cpu_seconds"], answer["bound_seconds"]
        work = f"replay {answer['work']}, 8,192 tokens, 256 lanes, {answer['gpu']}"
        table.add(f"{work}; peer: the CPU, 32 times one of 32 layers", [seconds], [cpu], [cpu / seconds], ">= 20", lambda r: r >= 20)
        if bound > 0:
            table.add(f"{work} (% of the bound)", [seconds], None, [100 * bound / seconds], ">= 30", lambda percent: percent >= 30)


def add_growth(table):
    """How the time of a replay grows from 2,048 to 16,384 tokens at budget 256; no peer. Of each kind the policy that grows most."""
    answers = lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_growth.py"), BUILD / "winnow")
    for kind, most in (("decode", 1.3), ("prompt", 1.5)):
        worst = max((each for each in answers if each["kind"] == kind), key=lambda each: each["exponent"])
        table.add(f"growth from 2,048 to 16,384 tokens, {kind}-time policies, {worst['policy']} (exponent)", [worst["seconds"]], None,
                  [worst["exponent"]], f"<= {most}", lambda r, most=most: r <= most)


def add_model(table):
    """Loading beside reading the file; prefill and decode beside transformers, where greedy decoding must choose the same tokens."""
    load, *answers = lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_model.py"), BUILD / "bench_model", ROUNDS)
    table.add(f"load a model of {load['megabytes']:.0f} MB; peer: reading its file", load["load"], load["read"],
              [mine / other for mine, other in zip(load["load"], load["read"])], "<= 1.2", lambda r: r <= 1.2)
    for answer in answers:
        reach = 1.2 if answer["work"].startswith("prefill") else 1.3
        same = "same tokens" if answer["same_ids"] else "OTHER TOKENS"
        table.add(f"{answer['work']}; peer: transformers SDPA ({same})", [answer["seconds"]], [answer["peer_seconds"]],
                  [answer["times_faster"]], f">= {reach}", lambda r, reach=reach: r >= reach)


def add_loop(table):
    """A token under a policy, by `winnow run` and by kvpress; what of it is the policy's; at 16,384 tokens beside the full cache."""
    for answer in lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_loop.py"), BUILD / "winnow", KVPRESS_PYTHON, ROUNDS):
        if answer["work"] == "eviction":
            table.add(f"eviction by {answer['policy']} in a step of decoding, budget 256 (% of the step)", [answer["seconds"]], None,
                      [100 * answer["share"]], "<= 10", lambda percent: percent <= 10)
            continue
        if answer["work"] == "cells":
            table.add("100 needles of 2,048 tokens, six policies, the demo model on two cores (s)", [answer["seconds"]], None, [answer["seconds"]], "< 240",
                      lambda s: s < 240)
            continue
        times = [[answer["seconds"]], [answer["peer_seconds"]], [answer["times_faster"]]]
        if answer["work"] == "long":
            table.add("a token at 16,384 tokens, budget 512; peer: the full cache", *times, "> 1", lambda r: r > 1)
        else:
            table.add(f"a token under {answer['work']}, budget 256; peer: kvpress DecodingPress", *times, ">= 2", lambda r: r >= 2)


def add_windows(table):
    """A model most of whose layers see a window: a recording beside the forward pass alone."""
    answer = lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_windows.py"), BUILD / "winnow", ROUNDS)[0]
    table.add("record 4,096 tokens, layers of Gemma 3 270M; peer: transformers' forward, SDPA", [answer["seconds"]], [answer["peer_seconds"]],
              [answer["times_slower"]], "<= 1.15", lambda r: r <= 1.15)


def add_tokenizer(table):
    """1 MB of text to tokens on one core beside the library tokenizers, and how much that is in a second: of six layouts the worst."""
    answers = lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_tokenizer.py"), BUILD / "bench_tokenizer", ROUNDS)
    by_layout = {}
    for answer in answers:
        by_layout.setdefault(answer["layout"], {})[answer["work"]] = answer
    for work in (answer["work"] for answer in answers if answer["layout"] == answers[0]["layout"] and not answer["work"].endswith("quarter")):
        of = [each for each in answers if each["work"] == work]
        worst, slowest = min(of, key=lambda each: each["times_faster"]), min(of, key=lambda each: each["megabytes_per_second"])
        same = "as many tokens" if all(each["same_count"] for each in of) else "OTHER TOKENS"
        table.add(f"tokenize 1 MB, {work}, {worst['layout']}'s layout; peer: tokenizers ({same})", [worst["seconds"]], [worst["peer_seconds"]],
                  [worst["times_faster"]], ">= 1", lambda r: r >= 1)
        table.add(f"tokenize 1 MB, {work}, {slowest['layout']}'s layout (MB/s)", [slowest["seconds"]], None, [slowest["megabytes_per_second"]], ">= 5",
                  lambda speed: speed >= 5)
    growth = {layout: of["prose"]["least"] / of["prose, a quarter"]["least"] / 4 for layout, of in by_layout.items()}
    layout = max(growth, key=growth.get)
    table.add(f"tokenize 1 MB of prose over 4 x 256 kB, {layout}'s layout", [by_layout[layout]["prose"]["least"]], None, [growth[layout]], "<= 1.3",
              lambda r: r <= 1.3)


def add_chat(table):
    """Chat templates beside Python's jinja2."""
    for answer in lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_chat.py"), BUILD / "bench_chat", ROUNDS):
        same = "same length" if answer["same_bytes"] else "OTHER TEXT"
        table.add(f"render {answer['renderings']:,} chat templates; peer: jinja2 ({same})", [answer["seconds"]], [answer["peer_seconds"]],
                  [answer["times_faster"]], ">= 1", lambda r: r >= 1)


def add_wavelet(table):
    """One thread against the peer's fastest way; ssqueezepy only where it is installed."""
    for answer in lines_of(sys.executable, pathlib.Path(__file__).with_name("bench_wavelet.py"), BUILD / "bench_wavelet", ROUNDS):
        reach = 1 if answer["peer"].startswith("ssqueezepy") else 5
        table.add(f"{answer['work']}; peer: {answer['peer']}", [answer["seconds_one_thread"]], [answer["peer_seconds"]],
                  [answer["times_faster_one_thread"]], f">= {reach}", lambda r, reach=reach: r >= reach)


def add_analysis(table, folder):
    """TreeKV's figure 2 over the recording of 2,048 tokens, intervals of slopes, and a brush; these have no peer."""
    for answer in lines_of(BUILD / "bench_analysis", folder / "trace-2048.h5", ROUNDS):
        if answer["work"] == "treekv-2":
            table.add("treekv-2, 2,048 tokens, all heads, 64 steps (s)", [answer["seconds"]], None, [answer["seconds"]], "<= 2", lambda s: s <= 2)
        elif answer["work"] == "bootstrap":
            table.add("intervals of slopes, 1,000 samples over 64 texts, all heads (s)", [answer["seconds"]], None, [answer["seconds"]], "<= 2",
                      lambda s: s <= 2)
        else:
            table.add("brush over 8,192 positions, the slowest of 200 (ms)", [answer["seconds"]], None, [1000 * answer["seconds"]], "<= 16",
                      lambda ms: ms <= 16)


def add_brush(table):
    """The Wavelet tab over 8,192 tokens, from a new range to its painted answer."""
    for answer in lines_of(BUILD / "bench_views"):
        table.add(f"{answer['work']} over 8,192 tokens, painted (ms, 95 %)", [answer["milliseconds"] / 1000], None, [answer["milliseconds"]],
                  "<= 16", lambda ms: ms <= 16)


def add_window(table, folder):
    """The whole window on a generated recording of 8,192 tokens, 192 lanes and six policies; milliseconds of the wall, no peer."""
    for answer in lines_of(BUILD / "bench_window", folder / "window"):
        work = answer["work"]
        if work.startswith("scrub"):
            table.add(f"{work}, whole window (ms, 95 %)", [answer["p95"] / 1000], None, [answer["p95"]], "<= 16", lambda ms: ms <= 16)
            table.add(f"{work}, whole window (ms, the slowest frame)", [answer["max"] / 1000], None, [answer["max"]], "<= 33", lambda ms: ms <= 33)
        elif work.startswith("memory"):
            table.add(f"{work} (MB)", [0], None, [answer["megabytes"]], "<= 200", lambda mb: mb <= 200)
        elif "p95" in answer:
            most = 60 if work.startswith("six maps") else 1000 if work.startswith("recording") else 16
            table.add(f"{work} (ms, 95 %)", [answer["p95"] / 1000], None, [answer["p95"]], f"<= {most}", lambda ms, most=most: ms <= most)
        else:
            table.add(f"{work} (ms of its thread)", [answer["cpu_max"] / 1000], None, [answer["cpu_max"]], "<= 50", lambda ms: ms <= 50)


def peer(request):
    (kind, arguments), = json.loads(request).items()
    if kind == "eager":
        print(json.dumps(eager_seconds(pathlib.Path(arguments[0]), arguments[1])))
    else:
        seconds, agreement = loop_seconds(pathlib.Path(arguments[0]), arguments[1])
        print(json.dumps({"seconds": seconds, "agreement": agreement}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer(sys.argv[2])
    else:
        main()
