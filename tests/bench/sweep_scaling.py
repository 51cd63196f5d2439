#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a sweep scales over ranks of an MPI job, and what a cell costs beside its run.

    tests/bench/sweep_scaling.py build/winnow [--ranks 1,2,4] [--cells 48] [--tokens 64]

Every line: ranks, cells a second from the first result to the last, that over one rank's, the share of the machine's cores that was
busy meanwhile, and the milliseconds a cell that no cell's own time covers (with one rank only: elapsed time less the cells' seconds). The
model is the demo model, a thread a rank. Without mpirun, `--workers` takes the place of ranks.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time


def plan(folder, cells, tokens):
    root = pathlib.Path(__file__).resolve().parents[2]
    budgets = 8
    text = {
        "models": [str(root / "resources/models/demo")],
        "texts": [{"path": str(root / "resources/texts/long.txt"), "tokens": tokens}],
        "policies": ["random"],
        "budgets": [8 + 4 * i for i in range(budgets)],
        "seeds": list(range(max(1, cells // budgets))),
        "device": "cpu",
    }
    path = folder / "plan.json"
    path.write_text(json.dumps(text))
    return path


def busy_seconds():
    """Seconds that the machine's cores worked since it started, those of other programs included."""
    first = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    ticks = [int(word) for word in first]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def measure(program, folder, path, ranks):
    out = folder / f"{ranks}.jsonl"
    line = [program, "sweep", str(path), "--out", str(out)]
    mpirun = shutil.which("mpirun")
    if ranks > 1 and mpirun:
        root = ["--allow-run-as-root"] if os.geteuid() == 0 else []
        line = [mpirun, *root, "--oversubscribe", "-n", str(ranks), *line]
    elif ranks > 1:
        line += ["--workers", str(ranks)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    seen = []
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment) as process:
        for said in process.stdout:
            if "/" in said.split(" demo ")[0] and " demo / " in said:
                seen.append((time.monotonic(), busy_seconds()))
        if process.wait() != 0:
            raise SystemExit(f"the sweep with {ranks} ranks ended with exit code {process.returncode}")
    results = [json.loads(text) for text in out.read_text().splitlines()]
    first = sum(1 for at, _ in seen if at < seen[0][0] + 0.02)  # those of the first unit come together
    elapsed, busy = seen[-1][0] - seen[0][0], seen[-1][1] - seen[0][1]
    spent = sum(result["seconds"] for result in results[first:])
    count = len(results) - first
    return count / elapsed, busy / (elapsed * os.cpu_count()), 1000 * (elapsed - spent) / count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--ranks", default="1,2,4")
    parser.add_argument("--cells", type=int, default=48)
    parser.add_argument("--tokens", type=int, default=64)
    options = parser.parse_args()
    print("ranks  cells/s  times  cores busy  ms beside a cell")
    alone = None
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = plan(folder, options.cells, options.tokens)
        for ranks in map(int, options.ranks.split(",")):
            rate, busy, beside = measure(options.program, folder, path, ranks)
            alone = alone or rate
            print(f"{ranks:5}  {rate:7.2f}  {rate / alone:5.2f}  {100 * busy:8.0f} %  {beside if ranks == 1 else float('nan'):16.1f}", flush=True)


if __name__ == "__main__":
    main()
