#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a press of NVIDIA kvpress, or one of your own, on a Hugging Face model, and writes what it keeps beside a recording for Winnow.

    python record_press.py --model Qwen/Qwen3-0.6B --text book.txt --prompt 1024 --press "SnapKVPress(compression_ratio=0.75)" \\
        --out book.h5 --kept snapkv.npz
    winnow replay book.h5 --prompt 1024 --policy given:file=snapkv.npz --policy snapkv:budget=256 --out R.h5

The recording is that of record_trace.py beside this script: one run with the full cache. The press then runs over the prompt, and the
cache that it leaves is compared with the full one, row by row, so that nothing of the press needs to be known: a row that is gone has left
at the prompt's end. Head-wise presses (AdaKV) mask rows instead, and those count as gone. With --decode the text goes on token by token
under the press, for those that act while decoding; what leaves then has left at that step. (Closed loop: what the press decides there,
it decides on hidden states that its own evictions have changed.)

--press is Python over the names of kvpress and of --module, a file of yours. Needs what record_trace.py needs, and kvpress.
"""

import argparse
import importlib.metadata
import importlib.util
import os

import sys

try:
    import kvpress
    import numpy as np
    import torch
    import transformers

    import record_trace
except ImportError as problem:
    if __name__ != "__main__":
        raise
    missing = problem  # --help comes all the same
else:
    missing = None


def module_of(path):
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(path))[0], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def press_of(text, module=None):
    """The press that `text` makes, over the names of kvpress and of a module."""
    try:
        press = eval(text, vars(kvpress) | (vars(module) if module else {}))
    except Exception as problem:
        raise SystemExit(f"--press {text}: {type(problem).__name__}: {problem}") from None
    if not isinstance(press, kvpress.BasePress):
        raise SystemExit(f"--press {text} is a {type(press).__name__}; expected a press such as SnapKVPress(compression_ratio=0.5)")
    return press


def layers_of(cache):
    """By layer: [KV heads, tokens, d] of the keys and of the values in a cache."""
    return {layer: (rows.keys[0], rows.values[0]) for layer, rows in enumerate(cache.layers) if getattr(rows, "keys", None) is not None}


def match(rows, all_rows):
    """For every row its place in `all_rows`, −1 where it is none of them; None where a row has several places."""
    places = {}
    for place, row in enumerate(all_rows):
        if places.setdefault(row.tobytes(), place) != place:
            return None
    return np.array([places.get(row.tobytes(), -1) for row in rows], int)


def places_of(found, known, where, newest=None):
    """Where each of a head's cached rows stands among the known ones. Presses that turn keys leave the values, presses that merge
    values leave the keys. `newest`: the place of a row that is none of the known."""
    as_bytes = lambda x: np.ascontiguousarray(x.contiguous().view(torch.uint8).cpu().numpy())
    (keys, values), (all_keys, all_values) = [[as_bytes(x) for x in pair] for pair in (found, known)]
    for rows, all_rows in ((np.hstack((keys, values)), np.hstack((all_keys, all_values))), (keys, all_keys), (values, all_values)):
        places = match(rows, all_rows)
        if places is not None and (places < 0).sum() <= (newest is not None) and len(np.unique(places)) == len(places):
            return np.where(places < 0, -1 if newest is None else newest, places)
    raise SystemExit(f"{where}: the rows that the press leaves in the cache are not those that the model put there, so it cannot be "
                     "said which tokens it keeps")  # fmt: skip


def masked_places(model):
    """By layer: head and place of every row that a head-wise press masks; absent where none does."""
    found = {}
    for module in model.modules():
        masked = getattr(module, "masked_key_indices", None)
        if masked is not None:
            found[module.layer_idx] = (masked[1].cpu().numpy(), masked[2].cpu().numpy())
    return found


def forget_masks(model):
    for module in model.modules():
        if getattr(module, "masked_key_indices", None) is not None:
            module.masked_key_indices = None


class Lifetimes:
    """When each token left each lane, from what the cache held step after step."""

    def __init__(self, tokens, prompt):
        self.tokens, self.prompt, self.left, self.held = tokens, prompt, {}, {}

    def see(self, cache, known, step, masked=None, decoding=False):
        """The cache after `step`. `known`: the rows of the tokens that it held before, in their order; `decoding`: the token of the
        step has come since."""
        for layer, rows in layers_of(cache).items():
            left = self.left.setdefault(layer, np.full((len(rows[0]), self.tokens), -1, np.int32))
            for head in range(len(left)):
                before = self.held.get((layer, head), np.arange(self.prompt))
                tokens = np.append(before, step) if decoding else before
                here = tokens[places_of([x[head] for x in rows], [x[head] for x in known[layer]], f"layer {layer}, head {head}",
                                        len(before) if decoding else None)]  # fmt: skip
                gone = np.setdiff1d(tokens, here)
                if masked and layer in masked:
                    heads, places = masked[layer]
                    gone = np.union1d(gone, here[places[heads == head]])
                left[head, gone] = step
                self.held[layer, head] = here


def run_press(model, press, tokens, prompt, decode=False):
    """{layer: int32 [KV heads, T]}: the step at whose end `press` let each token go, −1 = never."""
    ids = torch.tensor(tokens, dtype=torch.long, device=model.device)[None]
    forget_masks(model)
    full, cache = transformers.DynamicCache(), transformers.DynamicCache()
    with torch.no_grad():
        model(ids[:, :prompt], past_key_values=full)
    lifetimes = Lifetimes(len(tokens), prompt)
    with torch.no_grad(), press(model):
        model(ids[:, :prompt], past_key_values=cache)
        if decode:
            lifetimes.see(cache, layers_of(full), prompt - 1, masked_places(model))
            for step in range(prompt, len(tokens)):
                known = {layer: tuple(x.clone() for x in rows) for layer, rows in layers_of(cache).items()}
                position = torch.tensor([step], device=model.device)
                model(ids[:, step : step + 1], past_key_values=cache, position_ids=position[None], cache_position=position)
                lifetimes.see(cache, known, step, decoding=True)
    if not decode:
        lifetimes.see(cache, layers_of(full), prompt - 1, masked_places(model))
    forget_masks(model)
    return lifetimes.left


def write_kept(path, left, text):
    """The file that `winnow replay --policy given:file=…` reads."""
    np.savez_compressed(path, evict_step=np.stack([left[layer] for layer in sorted(left)]), press=np.array(text),
                        kvpress=np.array(importlib.metadata.version("kvpress")))  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="a folder or a name on the Hugging Face hub")
    parser.add_argument("--text", required=True, help="a UTF-8 text file")
    parser.add_argument("--press", required=True, help='Python, such as "SnapKVPress(compression_ratio=0.5)"')
    parser.add_argument("--module", help="a Python file whose names --press may use: a press of your own")
    parser.add_argument("--prompt", type=int, help="tokens at whose end the press acts; all unless said")
    parser.add_argument("--kept", required=True, help="what the press keeps: an .npz file for the policy 'given'")
    parser.add_argument("--out", help="the recording; left out where it is there already")
    parser.add_argument("--tokens", type=int, help="at most so many")
    parser.add_argument("--decode", action="store_true", help="go on token by token under the press")
    parser.add_argument("--attention", default="sdpa", choices=("sdpa", "eager"),
                        help="eager for presses that look at attention weights, such as ObservedAttentionPress")  # fmt: skip
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--chunk", type=int, default=256, help="tokens per forward pass of the recording")
    args = parser.parse_args()
    if missing:
        sys.exit(f"{parser.prog}: {missing.name or missing} is missing; pip install kvpress torch transformers h5py numpy")
    press = press_of(args.press, module_of(args.module) if args.module else None)
    with open(args.text, encoding="utf-8", newline="") as file:
        text = file.read()
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.model)
    model = transformers.AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype)).to(args.device).eval()
    encoded = tokenizer(text, return_offsets_mapping=True)
    tokens, offsets = encoded["input_ids"][: args.tokens], encoded["offset_mapping"][: args.tokens]
    prompt = len(tokens) if args.prompt is None else args.prompt
    if not 1 <= prompt <= len(tokens):
        raise SystemExit(f"--prompt {prompt}: the text has {len(tokens)} tokens; give a number from 1 to {len(tokens)}")
    if args.out:
        manifest = {"model": os.path.basename(os.path.normpath(args.model)), "text": os.path.basename(args.text), "prompt": prompt}
        record_trace.record(model, tokens, text, record_trace.byte_offsets(text, offsets), args.out, args.chunk, manifest)
    model.set_attn_implementation(args.attention)
    write_kept(args.kept, run_press(model, press, tokens, prompt, args.decode), args.press)


if __name__ == "__main__":
    main()
