# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures every figure of the demo model's card with transformers, on validation books, and prints its table.

    python evaluate.py --work WORK --model .. --out card.json

Full cache, float32, every trial named by the seed. An answer is right when every one of its tokens is the likeliest at its place.
How far policies differ is measured by Winnow itself; see README.md.
"""

import argparse
import json
import pathlib
import platform

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

import tasks
from wording import HELD_OUT_KINDS, KINDS, draw_facts

BANDS = [(0, 64), (64, 128), (128, 256), (256, 512), (512, 1024), (1024, 2048)]
CUE = 8  # tokens of the second passage that are given before the model must go on


class Examiner:
    def __init__(self, given):
        self.given = given
        self.tokenizer = Tokenizer.from_file(str(given.model / "tokenizer.json"))
        self.library = tasks.Library(given.work, "valid", self.tokenizer)
        self.bytes = np.load(given.work / "bytes.npy")
        self.model = AutoModelForCausalLM.from_pretrained(given.model, dtype=torch.float32).to(given.device).eval()

    def random(self, *names):
        return np.random.default_rng([self.given.seed, *names])

    @torch.no_grad()
    def run(self, rows, wanted):
        """Losses and hits of the tokens wanted, both in the order of `wanted`; rows [count, tokens], wanted [count, tokens] of bool."""
        losses, right = [], []
        at_once = max(1, self.given.at_once // rows.shape[1])
        for begin in range(0, len(rows), at_once):
            tokens = torch.from_numpy(rows[begin:begin + at_once].astype(np.int64)).to(self.given.device)
            chosen = torch.from_numpy(wanted[begin:begin + at_once, 1:]).to(self.given.device)
            hidden = self.model.model(input_ids=tokens[:, :-1]).last_hidden_state[chosen]
            for part, target in zip(hidden.split(2048), tokens[:, 1:][chosen].split(2048)):
                logits = self.model.lm_head(part).float()
                losses.append(torch.nn.functional.cross_entropy(logits, target, reduction="none").cpu())
                right.append((logits.argmax(-1) == target).cpu())
        return torch.cat(losses).double().numpy(), torch.cat(right).numpy()

    def prose(self):
        """Loss by position, over excerpts of 2,048 tokens."""
        rows = np.stack([tasks.prose(self.library, self.random(1, i), 2049)[0] for i in range(self.given.windows)])
        losses = self.run(rows, np.ones(rows.shape, bool))[0].reshape(len(rows), -1)
        said = {"tokens": losses.size, "loss a token": losses.mean(), "perplexity a token": np.exp(losses.mean()),
                "nats a byte": losses.sum() / self.bytes[rows[:, 1:]].sum()}
        said["perplexity a byte"] = np.exp(said["nats a byte"])
        for begin, end in BANDS:
            said[f"loss {begin}-{end - 1}"] = losses[:, begin:end].mean()
        early, late = losses[:, 128:256].mean(1), losses[:, 1024:2048].mean(1)
        said["late below early"] = 1 - late.mean() / early.mean()
        said["its standard error"] = (late - early).std() / len(rows) ** 0.5 / early.mean()
        return said

    def facts(self, length, count, held_out, name):
        """Share of facts answered at the end of `length` tokens, and of each fourth of depth where there is one fact."""
        rows, wanted, depths, answers = [], [], [], []
        for i in range(self.given.trials):
            random = self.random(2, name, i)
            facts = draw_facts(random, count or 1 + i % 8, held_out)
            depth = (i + 0.5) / self.given.trials
            places = [(depth if count == 1 else float(random.random()), 1.0) for _ in facts]
            row, tags = tasks.with_facts(self.library, random, length, facts, places)
            rows.append(row)
            wanted.append(tags == tasks.ANSWER)
            begins = np.flatnonzero(np.diff(wanted[-1].astype(int), prepend=0) == 1)
            answers.append([int(wanted[-1][begin:].argmin() or len(row) - begin) for begin in begins])
            depths.append(depth)
        rows, wanted = np.stack(rows), np.stack(wanted)
        _, right = self.run(rows, wanted)
        exact, done = [], 0
        for lengths in answers:
            exact.append([])
            for count_of_tokens in lengths:
                exact[-1].append(bool(right[done:done + count_of_tokens].all()))
                done += count_of_tokens
        said = {"answers": sum(map(len, exact)), "right": float(np.mean([one for trial in exact for one in trial])),
                "tokens right": float(right.mean())}
        if count == 1:
            quarters = np.array_split(np.array([trial[0] for trial in exact]), 4)
            said["by depth"] = [float(quarter.mean()) for quarter in quarters]
        else:
            said["by number of facts"] = {n: float(np.mean([one for trial in exact if len(trial) == n for one in trial]))
                                          for n in sorted({len(trial) for trial in exact})}
        return said

    @torch.no_grad()
    def copying(self, passage, gap, whole):
        """Share of the tokens of a repeated passage that are right: each after the true ones, and going on alone from the first. `whole`:
        what stands before the repetition ends with a sentence."""
        rows = []
        for i in range(self.given.trials):
            random = self.random(3, gap, i)
            text, between = self.library.excerpt(random, passage), self.library.excerpt(random, gap + 300)
            end = min((end for end in np.concatenate(self.library.cuts(between)) if end >= gap), default=gap) if whole else gap
            between = between[end - gap:end]
            lines = [self.library.newline] * 2
            rows.append(np.concatenate(([tasks.BEGIN], text, lines, between, lines, text)))
        rows = np.stack(rows)
        wanted = np.zeros(rows.shape, bool)
        wanted[:, -(passage - CUE):] = True
        right = self.run(rows, wanted)[1].mean()
        prompts = torch.from_numpy(rows[:, :-(passage - CUE)].astype(np.int64)).to(self.given.device)
        alone = []
        for part in prompts.split(max(1, self.given.at_once // rows.shape[1])):
            alone.append(self.model.generate(part, attention_mask=torch.ones_like(part), do_sample=False, max_new_tokens=passage - CUE,
                                             min_new_tokens=passage - CUE, pad_token_id=1)[:, part.shape[1]:].cpu().numpy())
        return {"tokens right": float(right), "tokens right alone": float((np.concatenate(alone) == rows[:, -(passage - CUE):]).mean())}

    @torch.no_grad()
    def heads(self, trials=24, length=1024):
        """Mean attention of every head [layers][heads]: to <s>, to the eight newest tokens, and, when an answer is due, to the token
        that it repeats."""
        self.model.set_attn_implementation("eager")
        sums, counts = {}, 0
        for i in range(trials):
            random = self.random(4, i)
            facts = draw_facts(random, 1)
            tokens, tags = tasks.with_facts(self.library, random, length, facts, [((i + 0.5) / trials, 1.0)])
            answer = tokens[tags == tasks.ANSWER]
            source = next(b for b in range(length) if (tokens[b:b + len(answer)] == answer).all())
            if source > length - 2 * len(answer):
                continue  # the wording holds the answer only in another form
            seen = self.model(torch.from_numpy(tokens[None, :-1].astype(np.int64)).to(self.given.device), output_attentions=True).attentions
            seen = torch.stack([layer[0] for layer in seen])  # [layers, heads, query, key]
            due = np.arange(length - len(answer), length) - 1
            steps = torch.arange(64, length - 1)
            newest = steps[:, None] - torch.arange(8)
            for name, value in (("sink", seen[:, :, 64:, 0].mean(-1)), ("local", seen[:, :, steps[:, None], newest].sum(-1).mean(-1)),
                                ("retrieval", seen[:, :, due, source + np.arange(len(answer))].mean(-1))):
                sums[name] = sums.get(name, 0) + value
            counts += 1
        self.model.set_attn_implementation("sdpa")
        said = {}
        for name, total in sums.items():
            means = (total / counts).cpu().numpy()
            best = np.dstack(np.unravel_index(np.argsort(-means, None)[:5], means.shape))[0]
            said[name] = {"mean": float(means.mean()), "strongest": [{"layer": int(l), "head": int(h), "attention": float(means[l, h])} for l, h in best],
                          "all": means.round(3).tolist()}
        return said


def table(said):
    prose, percent = said["prose"], lambda part: f"{100 * part:.1f} %"
    rows = [("loss", f"{prose['loss a token']:.3f} a token (perplexity {prose['perplexity a token']:.1f}), {prose['nats a byte']:.3f} nats a byte "
                     f"(perplexity {prose['perplexity a byte']:.2f})"),
            ("by position", ", ".join(f"{b}-{e - 1} {prose[f'loss {b}-{e - 1}']:.3f}" for b, e in BANDS)),
            ("1,024-2,047 below 128-255", f"{percent(prose['late below early'])} ± {percent(prose['its standard error'])}")]
    for name, one in said["facts"].items():
        detail = "by fourths of depth " + ", ".join(percent(q) for q in one["by depth"]) if "by depth" in one else \
            ", ".join(f"{n}: {percent(v)}" for n, v in one["by number of facts"].items())
        rows.append((name, f"{percent(one['right'])} of {one['answers']} ({detail})"))
    for name, one in said["copying"].items():
        rows.append((name, f"{percent(one['tokens right'])} of its tokens, {percent(one['tokens right alone'])} going on alone"))
    for name, one in said.get("heads", {}).items():
        rows.append((f"{name} heads", ", ".join(f"layer {b['layer']} head {b['head']} ({b['attention']:.2f})" for b in one["strongest"][:3])))
    return "\n".join(["| | |", "|---|---|"] + [f"| {name} | {text} |" for name, text in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder that prepare.py filled")
    parser.add_argument("--model", type=pathlib.Path, required=True, help="Hugging Face folder")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file to write")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--windows", type=int, default=200, help="excerpts of 2,048 tokens for the loss")
    parser.add_argument("--at-once", type=int, default=8192, help="tokens computed at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()

    examiner = Examiner(given)
    said = {"model": str(given.model.resolve().name), "seed": given.seed, "trials": given.trials, "torch": torch.__version__,
            "transformers": transformers.__version__, "python": platform.python_version(),
            "parameters": examiner.model.num_parameters(), "wordings": [len(KINDS), len(HELD_OUT_KINDS)]}
    said["facts"] = {}
    for length in (512, 1024, 2048):
        said["facts"][f"a fact, {length} tokens"] = examiner.facts(length, 1, False, length)
        said["facts"][f"a fact in wording never seen, {length} tokens"] = examiner.facts(length, 1, True, length + 1)
    said["facts"]["1 to 8 facts, 1024 tokens"] = examiner.facts(1024, 0, False, 5)
    said["copying"] = {f"a passage of 64 tokens after {gap} others{kind}": examiner.copying(64, gap, whole)
                       for gap in (200, 500) for kind, whole in ((", which break off", False), (", which end with a sentence", True))}
    said["prose"] = examiner.prose()
    said["heads"] = examiner.heads()
    if given.out:
        given.out.write_text(json.dumps(said, indent=1) + "\n")
    print(table(said))


if __name__ == "__main__":
    main()
