# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what the training program rests on, in seconds: python check.py --work WORK --model ..

The loss and its gradients against PyTorch's own, the model against transformers, sequences against their rules, two threads
against one, processes that make sequences against none, and that a stopped run goes on as if it had not been stopped. Prints one line a check and ends with 1 where one fails.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

import tasks
from model import Llama, Shape, load, save
from train import orthogonal
from wording import draw_facts

HERE = pathlib.Path(__file__).parent


def head_loss_matches_cross_entropy():
    torch.manual_seed(1)
    model = Llama(Shape(vocabulary=300, width=32, layers=1, heads=2, kv_heads=1, head_width=16, inner=48)).double()
    hidden = torch.randn(1500, 32, dtype=torch.float64, requires_grad=True)
    targets, weights = torch.randint(0, 300, (1500,)), torch.rand(1500)
    total, _, right = model.loss(hidden, targets, weights)
    mine = torch.autograd.grad(total, (hidden, model.model["embed_tokens"].weight))
    logits = model.logits(hidden)
    wanted = (torch.nn.functional.cross_entropy(logits, targets, reduction="none") * weights).sum()
    theirs = torch.autograd.grad(wanted, (hidden, model.model["embed_tokens"].weight))
    assert torch.equal(right, logits.argmax(-1) == targets)
    for a, b in zip((total, *mine), (wanted, *theirs)):
        assert (a - b).abs().max() < 1e-4 * (1 + b.abs().max()), "float32 of the head's chunks allows 1e-4"


def model_is_what_transformers_runs(folder):
    tokens = torch.randint(2, 4096, (2, 300), generator=torch.Generator().manual_seed(1))
    with tempfile.TemporaryDirectory() as copy, torch.no_grad():
        save(load(folder), copy, folder / "tokenizer.json")
        theirs = AutoModelForCausalLM.from_pretrained(copy, dtype=torch.float32)(tokens).logits
        mine = load(folder)
        logits = mine.logits(mine.hidden(tokens))
    assert (logits - theirs).abs().max() < 1e-3, (logits - theirs).abs().max()


def sequences_keep_their_rules(work):
    library = tasks.Library(work, "valid", Tokenizer.from_file(str(work / "tokenizer.json")))
    for i in range(120):
        count = (257, 513, 1025, 2049)[i % 4]
        tokens, tags = tasks.training_sequence(library, np.random.default_rng([1, i]), count, (1, 1, 1, 1))
        again, _ = tasks.training_sequence(library, np.random.default_rng([1, i]), count, (1, 1, 1, 1))
        assert len(tokens) == len(tags) == count and tokens[0] == tasks.BEGIN and (tokens == again).all()
        assert (tokens[1:] != tasks.BEGIN).all() and tags[0] == tasks.SKIPPED
    for i in range(60):
        random = np.random.default_rng([2, i])
        facts = draw_facts(random, 4, held_out=i % 2 == 1)
        tokens, tags = tasks.with_facts(library, random, 700, facts, [(random.random(), 1.0) for _ in facts])
        text = library.tokenizer.decode(tokens.tolist())
        for statement, question, answer in facts:
            assert text.index(statement) < text.index(question + answer), (statement, question, answer)
        assert tags[-1] == tasks.ANSWER and text.endswith(facts[-1][2])
    random = np.random.default_rng(3)
    tokens, tags = tasks.repeated_random(library, random, 1000)
    for place in np.flatnonzero(tags == tasks.RANDOM_COPY)[:50]:
        passage = tokens[place - tasks.CUE:place + 1]
        earlier = np.lib.stride_tricks.sliding_window_view(tokens[:place], tasks.CUE + 1)
        assert (earlier == passage).all(1).any(), "a copied token stands earlier after the same tokens"


def updates_are_orthogonal():
    for shape in ((3, 64, 64), (2, 48, 128), (2, 128, 48)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(*shape, generator=torch.Generator().manual_seed(1))))
        assert values.min() > 0.3 and values.max() < 1.4, "five steps bring singular values near 1"


def stopped_runs_go_on(work):
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tokenizer.json", "data.json", "valid.npy", "valid-books.npy"):
            (pathlib.Path(folder) / name.replace("valid", "train")).symlink_to((work / name).resolve())

        def train(run, steps, *more):
            subprocess.run([sys.executable, HERE / "train.py", "--work", folder, "--run", run, "--steps", str(steps), "--mix", "128:4",
                            "--unit", "256", "--width", "32", "--layers", "1", "--heads", "2", "--kv-heads", "1", "--head-width", "16",
                            "--inner", "48", "--every", "0", *more], check=True)
            held = torch.load(pathlib.Path(folder) / run / "checkpoint.pt", weights_only=True)
            lines = (pathlib.Path(folder) / run / "log.jsonl").read_text().splitlines()
            return held["model"], [json.loads(line)["step"] for line in lines]

        whole, _ = train("whole", 6, "--threads", "1")
        train("parts", 3, "--threads", "1")
        parts, steps = train("parts", 6, "--threads", "1")
        threads, _ = train("threads", 6, "--threads", "2")
        workers, _ = train("workers", 6, "--threads", "1", "--workers", "1")
        assert steps == [1, 2, 3, 4, 5, 6]
        for name, weight in whole.items():
            assert torch.equal(weight, parts[name]) and torch.equal(weight, workers[name]), name
            assert (weight - threads[name]).abs().max() < 1e-3, f"{name}: sums in another order"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    given = parser.parse_args()
    checks = [(head_loss_matches_cross_entropy,), (updates_are_orthogonal,), (sequences_keep_their_rules, given.work),
              (model_is_what_transformers_runs, given.model), (stopped_runs_go_on, given.work)]
    failed = 0
    for check, *arguments in checks:
        try:
            check(*arguments)
            print("ok    ", check.__name__)
        except (AssertionError, ValueError, subprocess.CalledProcessError) as error:
            print("FAILED", check.__name__, error)
            failed += 1
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
