# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the demo model, from scratch or from a folder of weights; stopped at any moment, the same command goes on.

    python train.py --work WORK --run NAME --init ..                   # go on from the weights at hand
    python train.py --work WORK --run NAME --width 384 --layers 8 ...  # from scratch

WORK holds the files of prepare.py. WORK/NAME gets settings.jsonl (a line a start: options and versions), checkpoint.pt
(replaced atomically every few minutes) and log.jsonl. The learning rate rises, stays, and falls over the last `--decay` of
`--steps` steps; as long as it has not begun to fall, a later call may give more steps. `--export FOLDER` writes the weights of the
checkpoint, averaged over the last steps, as a Hugging Face folder and ends.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import functools
import copy
import json
import multiprocessing
import os
import pathlib
import platform
import time

import numpy as np
import torch
from tokenizers import Tokenizer, __version__ as tokenizers_version

import tasks
from model import Llama, Shape, load, save

WEIGHTS = torch.tensor([0.0, 1.0, 0.3, 5.0, 2.0, 1.0])  # of tasks.TAGS in the loss


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix updates are made orthogonal by Newton-Schulz steps (Jordan and others, 2024), scaled to the size that
    AdamW's updates have, so that both take the same learning rate."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.1):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.map = map  # a thread pool's does matrices of different shapes side by side

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            alike = {}
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                alike.setdefault(parameter.shape, []).append((parameter, parameter.grad.lerp(state["momentum"], group["momentum"])))
            for pairs, updates in self.map(self.made_orthogonal, alike.values()):
                for (parameter, _), update in zip(pairs, updates):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update, alpha=-group["lr"] * 0.2 * max(parameter.shape) ** 0.5)

    @staticmethod
    @torch.no_grad()
    def made_orthogonal(pairs):
        return pairs, orthogonal(torch.stack([update for _, update in pairs]))


def orthogonal(matrices):
    """The nearest orthogonal matrices, roughly; [count, rows, columns]."""
    x = matrices if matrices.shape[1] <= matrices.shape[2] else matrices.transpose(1, 2)
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x if matrices.shape[1] <= matrices.shape[2] else x.transpose(1, 2)


@functools.cache
def library(work):
    return tasks.Library(work, "train", Tokenizer.from_file(str(work / "tokenizer.json")))


def make_batch(work, shares, length, seeds):
    """Tokens and tags of one sequence for each seed, both [sequences, length + 1]."""
    rows = [tasks.training_sequence(library(work), np.random.default_rng(seed), length + 1, shares) for seed in seeds]
    return tuple(np.stack(parts).astype(np.uint16) for parts in zip(*rows))


class Feeder:
    """The batches of the steps to come: lists of functions, each of which returns one part of a batch. With workers, processes
    make the parts of the next steps meanwhile; a GPU needs that."""

    def __init__(self, given, step):
        self.given, self.next, self.waiting = given, step, collections.deque()
        fresh = multiprocessing.get_context("spawn")
        self.pool = concurrent.futures.ProcessPoolExecutor(given.workers, fresh) if given.workers else None

    def parts(self, step):
        index = 0
        for length, count in self.given.mix:
            at_once = max(1, self.given.unit // length)
            for begin in range(0, count, at_once):
                seeds = [(self.given.seed, step, index + i) for i in range(min(at_once, count - begin))]
                index += len(seeds)
                yield self.given.work, self.given.shares, length, seeds

    def step(self):
        while len(self.waiting) < (4 if self.pool else 1):
            make = [self.pool.submit(make_batch, *part).result if self.pool else functools.partial(make_batch, *part)
                    for part in self.parts(self.next)]
            self.waiting.append(make)
            self.next += 1
        return self.waiting.popleft()

    def close(self):
        if self.pool:
            self.pool.shutdown(cancel_futures=True)


class Trainer:
    def __init__(self, given):
        self.given, self.folder = given, given.work / given.run
        self.folder.mkdir(parents=True, exist_ok=True)
        self.device = torch.device(given.device)
        self.number = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        torch.manual_seed(given.seed)
        shape = Shape(library(given.work).tokenizer.get_vocab_size(), given.width, given.layers, given.heads, given.kv_heads, given.head_width, given.inner)
        self.model = (load(given.init) if given.init else Llama(shape)).to(self.device)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        inner = [p for name, p in self.model.named_parameters() if p.dim() == 2 and "embed" not in name]
        outer = [p for name, p in self.model.named_parameters() if p.dim() != 2 or "embed" in name]
        self.optimizers = [Muon(inner, given.rate),
                           torch.optim.AdamW(outer, given.rate, betas=(0.9, 0.98), weight_decay=0.0)]
        self.step, self.tokens, self.seconds = 0, 0, 0.0
        if (self.folder / "checkpoint.pt").exists():
            self.resume()

    def resume(self):
        held = torch.load(self.folder / "checkpoint.pt", map_location=self.device, weights_only=True)
        self.model.load_state_dict(held["model"])
        self.average.load_state_dict(held["average"])
        for optimizer, state in zip(self.optimizers, held["optimizers"]):
            optimizer.load_state_dict(state)
        self.step, self.tokens, self.seconds = held["step"], held["tokens"], held["seconds"]

    def checkpoint(self):
        held = {"model": self.model.state_dict(), "average": self.average.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                "step": self.step, "tokens": self.tokens, "seconds": self.seconds}
        torch.save(held, self.folder / "checkpoint.tmp")
        os.replace(self.folder / "checkpoint.tmp", self.folder / "checkpoint.pt")

    def rate(self):
        rising = min(1.0, (self.step + 1) / self.given.warmup)
        falling = min(1.0, (self.given.steps - self.step) / max(1, self.given.decay))
        return self.given.rate * min(rising, falling)

    def run_units(self, model, todo, scale):
        """Adds the gradients of the units it gets hold of to those of `model`. Returns [tags, 3]: tokens, loss, tokens that were right."""
        seen = torch.zeros(len(tasks.TAGS), 3)
        while todo:
            try:
                tokens, tags = (torch.from_numpy(part.astype(np.int64)) for part in todo.pop(0)())
            except IndexError:  # the other thread was faster
                break
            tokens, tags = tokens.to(self.device), tags[:, 1:].flatten()
            wanted = tags.nonzero()[:, 0]
            with self.half():
                hidden = model.hidden(tokens[:, :-1]).flatten(0, 1)
            places, tags = wanted.to(self.device), tags[wanted]
            hidden, targets = hidden[places].to(self.number), tokens[:, 1:].flatten()[places]
            total, losses, right = model.loss(hidden, targets, WEIGHTS[tags].to(self.device))
            (total * scale).backward()
            seen.index_add_(0, tags, torch.stack((torch.ones(len(tags)), losses.float().cpu(), right.float().cpu()), 1))
        return seen

    def half(self):
        return torch.autocast("cuda", torch.bfloat16) if self.device.type == "cuda" else contextlib.nullcontext()

    def replicas(self):
        """One model a thread: on a CPU, threads that share the weights and add to gradients of their own do more a second than two
        cores that meet in every operation, the more so when other work takes turns on them."""
        copies = [self.model]
        for _ in range(self.given.threads - 1):
            copies.append(copy.deepcopy(self.model))
            for mine, shared in zip(copies[-1].parameters(), self.model.parameters()):
                mine.data = shared.data
        return copies

    def train(self):
        torch.set_num_threads(1 if self.given.threads > 1 else torch.get_num_threads())
        if self.given.compile:
            self.model.hidden = torch.compile(self.model.hidden, dynamic=False)
        models, feeder = self.replicas(), Feeder(self.given, self.step)
        started = saved = time.monotonic()
        batch = sum(length * count for length, count in self.given.mix)
        with concurrent.futures.ThreadPoolExecutor(self.given.threads) as pool, open(self.folder / "log.jsonl", "a") as log:
            self.optimizers[0].map = pool.map
            while self.step < self.given.steps:
                began, todo = time.monotonic(), feeder.step()
                seen = sum(pool.map(lambda model: self.run_units(model, todo, 1.0 / batch), models))
                self.update(models)
                self.step, self.tokens = self.step + 1, self.tokens + batch
                self.seconds += time.monotonic() - began
                log.write(json.dumps(self.said(seen, time.monotonic() - began)) + "\n")
                log.flush()
                now = time.monotonic()
                over = self.step == self.given.steps or now - started > 60 * self.given.minutes
                if over or now - saved > self.given.every:
                    self.checkpoint()
                    saved = time.monotonic()
                if over:
                    break
        feeder.close()

    def update(self, models):
        for model in models[1:]:
            for mine, shared in zip(model.parameters(), self.model.parameters()):
                if mine.grad is not None:
                    shared.grad = mine.grad if shared.grad is None else shared.grad.add_(mine.grad)
                    mine.grad = None
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.rate()
            optimizer.step()
        self.model.zero_grad(set_to_none=True)
        keep = min(self.given.average, (self.step + 1) / (self.step + 10))
        for mean, now in zip(self.average.parameters(), self.model.parameters()):
            mean.lerp_(now.detach(), 1 - keep)

    def said(self, seen, seconds):
        said = {"step": self.step, "tokens": self.tokens, "rate": round(self.rate(), 6), "seconds": round(seconds, 2)}
        for tag, (count, loss, right) in zip(tasks.TAGS, seen.tolist()):
            if count:
                said[tag] = [int(count), round(loss / count, 4), round(right / count, 4)]
        return said


def mix(text):
    """"2048:2,512:4" is two sequences of 2,048 tokens and four of 512 in every batch. The longest come first, so that threads that
    share a batch end at about the same time."""
    return sorted((tuple(map(int, part.split(":"))) for part in text.split(",")), reverse=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--run", required=True, help="name of the run")
    parser.add_argument("--init", type=pathlib.Path, help="folder of weights to begin from")
    for name, value in (("width", 256), ("layers", 6), ("heads", 8), ("kv-heads", 4), ("head-width", 32), ("inner", 704)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--steps", type=int, default=100000)
    parser.add_argument("--warmup", type=int, default=20)
    parser.add_argument("--decay", type=int, default=0, help="steps at the end over which the rate falls to nothing")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--mix", type=mix, default=mix("2048:2,1024:2,512:4"), help="LENGTH:SEQUENCES,... of one batch")
    parser.add_argument("--shares", type=lambda text: [float(one) for one in text.split(",")], default=[35, 35, 18, 12],
                        help="of prose, facts, repeated passages, repeated random tokens")
    parser.add_argument("--unit", type=int, default=2048, help="tokens computed at once")
    parser.add_argument("--average", type=float, default=0.98, help="what the averaged weights keep at each step")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="processes that make sequences; 0 makes them where they are used")
    parser.add_argument("--compile", action="store_true", help="with one thread: torch.compile")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=240, help="seconds between checkpoints")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long, with a checkpoint")
    parser.add_argument("--export", type=pathlib.Path)
    given = parser.parse_args()

    trainer = Trainer(given)
    if given.export:
        save(trainer.average, given.export, given.work / "tokenizer.json")
        print(f"step {trainer.step}, {trainer.tokens} tokens, {trainer.seconds / 3600:.2f} hours of training")
        return
    said = {name: str(value) if isinstance(value, pathlib.Path) else value for name, value in vars(given).items()}
    said |= {"from step": trainer.step, "torch": torch.__version__, "tokenizers": tokenizers_version, "numpy": np.__version__,
             "python": platform.python_version(), "machine": platform.processor() or platform.machine(),
             "data": json.loads((given.work / "data.json").read_text())}
    with open(trainer.folder / "settings.jsonl", "a") as file:
        file.write(json.dumps(said) + "\n")
    trainer.train()


if __name__ == "__main__":
    main()
