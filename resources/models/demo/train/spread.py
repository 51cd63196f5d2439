# SPDX-License-Identifier: GPL-3.0-or-later
"""How far policies differ on a model: the mean attention mass that each keeps of 2,048 tokens with 128 slots, measured by Winnow.

    python spread.py --winnow ../../../../build/winnow --model .. --text long.txt more.txt --scratch WORK/spread

Texts need 2,048 tokens at least. The mean runs over layers, KV heads and the steps after the prompt, for each text and over all.
"""

import argparse
import pathlib
import subprocess

import numpy as np

POLICIES = ["streaming", "h2o", "tova", "treekv", "random"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--winnow", required=True, help="the program")
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--text", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True, help="folder for recordings and replays")
    parser.add_argument("--prompt", type=int, default=512)
    given = parser.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)

    means = []
    for text in given.text:
        trace, replay = given.scratch / f"{text.stem}.h5", given.scratch / f"{text.stem}.npz"
        subprocess.run([given.winnow, "record", "--model", given.model, "--text", text, "--tokens", "2048", "--out", trace], check=True)
        policies = [word for policy in POLICIES for word in ("--policy", policy)]
        subprocess.run([given.winnow, "replay", trace, *policies, "--budget", "128", "--prompt", str(given.prompt), "--no-oracle",
                        "--out", replay], check=True)
        held = np.load(replay)
        if held["mass.0"].shape[-1] != 2048:
            raise SystemExit(f"{text} has {held['mass.0'].shape[-1]} tokens, 2,048 are needed")
        means.append([held[f"mass.{i}"][..., given.prompt:].mean() for i in range(len(POLICIES))])
        print(text.name, ", ".join(f"{policy} {mean:.3f}" for policy, mean in zip(POLICIES, means[-1])))
    mean = np.mean(means, 0)
    print("all:", ", ".join(f"{policy} {one:.3f}" for policy, one in zip(POLICIES, mean)), f"| spread {mean.max() - mean.min():.3f}")


if __name__ == "__main__":
    main()
