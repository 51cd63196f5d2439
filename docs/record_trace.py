#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records a trace for Winnow with PyTorch and transformers: for models that do not fit on your desk, or that Winnow does not run.

    python record_trace.py --model meta-llama/Llama-3.1-8B --text book.txt --out book.h5 --dtype bfloat16 --device cuda

It looks at what enters and leaves the model's own attention and rotary functions, so it needs to know no architecture. It works
where transformers 5 computes attention by `eager_attention_forward` (nearly everywhere). Layers without such attention, as hybrid
models have them, are left out of the trace. Every chunk is checked before it is written: from the numbers as they are stored,
attention times value must be the output of the model. A model for which that fails (learned sinks, biases on logits) ends with a
sentence and without a trace. Layers that share the keys and values of an earlier one (Gemma 4 and 3n) get them as their own.

The file is described in trace.md beside this script. Needs torch, transformers, h5py, numpy. The function `record` may be called
from your own code.
"""

import argparse
import inspect
import os
import sys

try:
    import h5py
    import numpy as np
    import torch
    import transformers
except ImportError as problem:
    if __name__ != "__main__":
        raise
    missing = problem  # --help comes all the same
else:
    missing = None

VERSION = 1  # of the trace layout
LAYOUTS = ("half", "interleaved")
PROBE = 13  # tokens that are run first, to see how the layers work; no model has so many heads
CHECKED = 8  # rows of every head and chunk that are checked
OUTPUT_NAMES = ("o_proj", "dense", "c_proj", "out_proj", "wo", "attn_out")


def turned(x, positions, info, back=False):
    """x [heads, n, d] with the rotary embedding of a layer applied, or taken off, in float32."""
    x, pairs = x.float(), len(info["inv_freq"])
    if pairs == 0:
        return x
    angles = positions.float()[:, None] * torch.from_numpy(info["inv_freq"]).to(x.device)[None, :]
    scale = 1 / info["rotary_scale"] if back else info["rotary_scale"]
    cos, sin = angles.cos() * scale, angles.sin() * (-scale if back else scale)
    if info["layout"] == "interleaved":
        a, b = x[..., 0 : 2 * pairs : 2], x[..., 1 : 2 * pairs : 2]
        head = torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)
    else:
        a, b = x[..., :pairs], x[..., pairs : 2 * pairs]
        head = torch.cat((a * cos - b * sin, b * cos + a * sin), -1)
    return torch.cat((head, x[..., 2 * pairs :]), -1)


def logits(q, keys, info, positions):
    """[Hq, n, T] of rotated queries at `positions` over all rotated keys; -inf where a query does not attend."""
    group = q.shape[0] // keys.shape[0]
    age = positions[:, None] - torch.arange(keys.shape[1], device=q.device)[None, :]
    seen = (age >= 0) & (age < info["window"]) if info["window"] > 0 else age >= 0
    rows = q @ keys.repeat_interleave(group, 0).transpose(1, 2) * info["scale"]
    if info["softcap"] > 0:
        rows = info["softcap"] * torch.tanh(rows / info["softcap"])
    return rows.masked_fill(~seen, -torch.inf)


class Watch:
    """Stands in for the attention and rotary functions of a model's modeling files and keeps what passes through them."""

    def __init__(self, model):
        self.seen, self.rotations, self.patched = {}, [], []
        model.set_attn_implementation("eager")
        for name in {type(module).__module__ for module in model.modules()}:
            file = sys.modules[name]
            if not name.startswith("transformers.") and not hasattr(file, "eager_attention_forward"):
                continue
            for function in [key for key in vars(file) if key.startswith("apply_") and "rot" in key]:
                self._patch(file, function, self._rotate)
            if hasattr(file, "eager_attention_forward"):
                self._patch(file, "eager_attention_forward", self._attend)

    def _patch(self, file, name, stand_in):
        original = getattr(file, name)
        self.patched.append((file, name, original))
        setattr(file, name, lambda *arguments, **named: stand_in(original, *arguments, **named))

    def _rotate(self, original, *arguments, **named):
        result = original(*arguments, **named)
        inputs = [x for x in (*arguments, *named.values()) if torch.is_tensor(x)]
        outputs = result if isinstance(result, tuple) else (result,)
        self.rotations += [(before, after) for before, after in zip(inputs, outputs) if before.shape == after.shape]
        return result

    def _attend(self, original, module, query, key, value, attention_mask, *arguments, **named):
        result = original(module, query, key, value, attention_mask, *arguments, **named)
        scale = named.get("scaling", arguments[0] if arguments else None)
        self.seen[module.layer_idx] = {
            "module": module, "q": query[0], "k": key[0], "v": value[0], "o": result[0][0].transpose(0, 1),
            "rotations": self.rotations, "mask": attention_mask, "scale": float(module.scaling if scale is None else scale),
            "softcap": float(named.get("softcap") or 0),
            "window": int(named.get("sliding_window", getattr(module, "sliding_window", None)) or 0),
        }  # fmt: skip
        self.rotations = []
        return result

    def take(self):
        seen, self.seen, self.rotations = self.seen, {}, []
        return seen

    def close(self):
        for file, name, original in self.patched:
            setattr(file, name, original)


def frequencies(model, dims):
    """Every set of rotary frequencies that a module of the model holds, with the scale of its cosines and sines."""
    for module in model.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if name.endswith("inv_freq") and "original" not in name:
                scale = getattr(module, name.removesuffix("inv_freq") + "attention_scaling", 1.0)
                yield buffer.detach().float().cpu().numpy().copy(), float(scale)
    yield (10000.0 ** (-np.arange(0, dims, 2) / dims)).astype(np.float32), 1.0  # GPT-J's, which has no such buffer


def turns_so(rows, positions, info):
    """Whether frequencies and layout turn what a layer's rotary function was given into what it gave."""
    tolerance = 2e-5 if rows["rotations"][0][0].dtype == torch.float32 else 0.03
    before, after = (x[0] if x.shape[2] == len(positions) else x[0].transpose(0, 1) for x in rows["rotations"][0])
    if 2 * len(info["inv_freq"]) > before.shape[-1]:
        return False
    after = after.float()
    return bool((turned(before, positions, info) - after).abs().max() <= tolerance * after.abs().max())


def rotary(model, rows, positions, where):
    """The frequencies and the layout of a layer's rotary embedding."""
    if not rows["rotations"]:
        return {"inv_freq": np.zeros(0, np.float32), "rotary_scale": 1.0, "layout": "half"}
    for inv_freq, scale in frequencies(model, rows["rotations"][0][0].shape[-1]):
        for layout in LAYOUTS:
            info = {"inv_freq": inv_freq, "rotary_scale": scale, "layout": layout}
            if turns_so(rows, positions, info):
                return info
    raise SystemExit(f"{where}: its rotary embedding is of a kind that a trace cannot hold: neither 'half' nor 'interleaved'")


def check_mask(rows, positions, window, where):
    """Ends the program unless a layer's mask shows all tokens before each, or its sliding window."""
    mask, keys, total = rows["mask"], rows["k"].shape[1], int(positions[-1]) + 1
    if mask is None:
        raise SystemExit(f"{where}: its attention has no mask, so it is not known which tokens it sees")
    seen = mask[0, 0, :, -keys:] if mask.dtype == torch.bool else mask[0, 0, :, -keys:] > torch.finfo(mask.dtype).min / 2
    age = positions[:, None] - torch.arange(total - keys, total, device=positions.device)[None, :]
    expected = (age >= 0) & (age < window) if window else age >= 0
    if not torch.equal(seen.expand_as(expected), expected) or keys < min(total, window or total):
        raise SystemExit(f"{where}: its mask is not that of {f'a window of {window}' if window else 'all earlier'} tokens")


def output_weight(module):
    """[hidden, heads · d]: the output projection of an attention module; None where it has none of the usual names."""
    for name in OUTPUT_NAMES:
        weight = getattr(getattr(module, name, None), "weight", None)
        if weight is not None:
            return weight.T if type(getattr(module, name)).__name__ == "Conv1D" else weight
    return None


def value_output_norm(weight, v):
    """[Hq, n]: L1 norm of each value after that head's columns of the output projection, without bias."""
    parts = weight.split(v.shape[-1], 1)
    group = len(parts) // v.shape[0]
    return torch.stack([(v[head // group] @ part.T).float().abs().sum(-1) for head, part in enumerate(parts)])


def check(rows, keys, values, lse, info, positions, dtype, where):
    """Ends the program unless attention times value is o, in rows as they are stored, up to what rounding explains."""
    unit = {torch.float32: 2.0**-18, torch.float16: 2.0**-10}.get(dtype, 2.0**-8)
    some = torch.linspace(0, len(positions) - 1, min(CHECKED, len(positions))).long().to(positions.device)
    group = rows["q"].shape[0] // keys.shape[0]
    q = turned(rows["q"], positions, info)[:, some]
    row = logits(q, keys, info, positions[some])
    weights = (row - lse[:, some, None]).exp()
    sizes, plain = values.abs().repeat_interleave(group, 0), values.repeat_interleave(group, 0)
    error = (q.square() @ keys.square().repeat_interleave(group, 0).transpose(1, 2)).sqrt() * (8 * unit * info["scale"])
    error = error + row.masked_fill(row.isinf(), 0).abs() * unit
    allowed = (weights * error) @ sizes + ((weights * error).sum(-1, keepdim=True) + 2 * unit) * (weights @ sizes) + 1e-7
    away = (weights @ plain - rows["o"].float()[:, some]).abs() / allowed
    if not (away.max() <= 1):
        head, step, number = np.unravel_index(int(away.argmax()), away.shape)
        token = int(positions[some][step])
        raise SystemExit(f"{where}: attention times value is not the output of the model (head {head}, token {token}, number "
                         f"{number}: {float(away.max()):.3g} times what rounding explains), so a trace cannot hold its attention "
                         "(learned sinks, biases on logits?); nothing was written")  # fmt: skip


def byte_offsets(text, offsets):
    """Character ranges as byte ranges of the UTF-8 text."""
    starts = np.cumsum([0] + [len(character.encode()) for character in text])
    return np.array([(starts[begin], starts[end]) for begin, end in offsets], np.int32).reshape(-1, 2)


def probe(model, watch, ids):
    """What the layers need beside their rows, from a short run whose last token has the last position of the text."""
    n = min(PROBE, len(ids))
    positions = torch.arange(len(ids) - n, len(ids), device=ids.device)
    model(ids[None, :n], position_ids=positions[None], use_cache=False)
    infos = {}
    for layer, rows in sorted(watch.take().items()):
        where = f"layer {layer}"
        if getattr(rows["module"], "sinks", None) is not None:
            raise SystemExit(f"{where}: every row of its attention counts a learned sink that is no token; a trace holds attention to "
                             "tokens, whose rows add up to 1")  # fmt: skip
        if rows["v"].shape[-1] != rows["q"].shape[-1]:
            raise SystemExit(f"{where}: its keys have {rows['q'].shape[-1]} numbers and its values {rows['v'].shape[-1]}; "
                             "a trace holds heads of one size")  # fmt: skip
        info = rotary(model, rows, positions, where)
        info |= {"scale": rows["scale"], "softcap": rows["softcap"], "window": rows["window"],
                 "weight": output_weight(rows["module"]), "heads": {name: rows[name].shape[0] for name in "qkvo"},
                 "size": rows["q"].shape[-1]}  # fmt: skip
        infos[layer] = info
    if not infos:
        raise SystemExit("no layer of this model computes attention by transformers' eager_attention_forward, so nothing can be "
                         "recorded")  # fmt: skip
    return infos


def create(file, infos, stored, chunk):
    file.create_dataset("logprob", (0,), np.float32, maxshape=(None,), chunks=(chunk,))
    for layer, info in infos.items():
        group, d = file.create_group(f"layers/{layer:05d}"), info["size"]
        group["inv_freq"] = info["inv_freq"]
        group.attrs.update({name: info[name] for name in ("scale", "window", "softcap", "rotary_scale", "layout")})
        for name, heads in info["heads"].items():
            group.create_dataset(name, (heads, 0, d), stored, maxshape=(heads, None, d), chunks=(heads, chunk, d))
        for name in ("lse", "vo_norm") if info["weight"] is not None else ("lse",):
            heads = info["heads"]["q"]
            group.create_dataset(name, (heads, 0), np.float32, maxshape=(heads, None), chunks=(heads, chunk))


def append(data, rows):
    rows = rows.float().cpu().numpy() if torch.is_tensor(rows) else rows
    axis = min(1, data.ndim - 1)
    begin = data.shape[axis]
    data.resize(begin + rows.shape[axis], axis)
    if axis:
        data[:, begin:] = rows
    else:
        data[begin:] = rows


class LayerWriter:
    """Turns what one layer computed into rows, checks them, and appends them to its datasets."""

    def __init__(self, group, layer, info, narrow, dtype):
        self.group, self.where, self.info, self.narrow, self.dtype = group, f"layer {layer}", info, narrow, dtype
        self.keys = self.values = None

    def add(self, seen, positions):
        info, n = self.info, len(positions)
        check_mask(seen, positions, info["window"], self.where)
        if bool(seen["rotations"]) != bool(len(info["inv_freq"])) or (seen["rotations"] and not turns_so(seen, positions, info)):
            raise SystemExit(f"{self.where}: its rotary frequencies change with the length of the text; let --chunk be as long")
        rows = {"q": turned(seen["q"], positions, info, back=True), "k": turned(seen["k"][:, -n:], positions, info, back=True),
                "v": seen["v"][:, -n:], "o": seen["o"]}  # fmt: skip
        for name, values in rows.items():
            if not values.isfinite().all():
                raise SystemExit(f"{self.where}: {name} holds numbers that are not finite; is a weight damaged?")
            rows[name] = values.half() if self.narrow else values.float()
            if not rows[name].isfinite().all():
                raise SystemExit(f"{self.where}: {name} does not fit into float16; run with --dtype float32")
        keys, values = turned(rows["k"], positions, info), rows["v"].float()
        self.keys = keys if self.keys is None else torch.cat((self.keys, keys), 1)
        self.values = values if self.values is None else torch.cat((self.values, values), 1)
        lse = torch.cat([logits(head, self.keys[i * len(self.keys) // info["heads"]["q"]][None], info, positions).logsumexp(-1)
                         for i, head in enumerate(turned(rows["q"], positions, info).split(1))])  # fmt: skip
        check(rows, self.keys, self.values, lse, info, positions, self.dtype, self.where)
        for name, values in rows.items():
            append(self.group[name], values)
        append(self.group["lse"], lse)
        if info["weight"] is not None:
            append(self.group["vo_norm"], value_output_norm(info["weight"], seen["v"][:, -n:]))


def run(model, watch, ids, chunk, writers, logprob, flush):
    cache, carried = None, float("nan")
    name = "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"  # by version of transformers
    for begin in range(0, len(ids), chunk):
        piece = ids[begin : begin + chunk]
        result = model(piece[None], **{name: cache}, use_cache=True)
        cache = getattr(result, name)
        positions = torch.arange(begin, begin + len(piece), device=ids.device)
        seen = watch.take()
        for layer, writer in writers.items():
            writer.add(seen.pop(layer), positions)
        flush()  # the rows first: the shortest dataset tells how long a killed trace is
        predicted = result.logits[0].float().log_softmax(-1)
        known = ids[begin + 1 : begin + 1 + len(piece)]
        values = [carried] + predicted[: len(known)].gather(1, known[:, None])[:, 0].tolist()
        carried = values[len(piece)] if len(values) > len(piece) else carried
        append(logprob, np.array(values[: len(piece)], np.float32))
        logprob.flush()


def record(model, tokens, text, offsets, out, chunk=256, manifest=None):
    """Runs `model` over `tokens` and writes the trace `out`. `offsets`: byte range of each token in `text`."""
    narrow, part = model.dtype in (torch.float16, torch.bfloat16), str(out) + ".part"
    ids = torch.tensor(tokens, dtype=torch.long, device=model.device)
    watch = Watch(model)
    try:
        with torch.no_grad():
            infos = probe(model, watch, ids)
        with torch.no_grad(), h5py.File(part, "w", libver="latest") as file:
            file.attrs.update({"format": "winnow-trace", "version": VERSION, "complete": 0, "prompt": len(tokens)})
            versions = f"torch {torch.__version__}, transformers {transformers.__version__}, h5py {h5py.__version__}"
            dtype = str(model.dtype).removeprefix("torch.")
            file.attrs.update({"versions": versions, "dtype": dtype, "device": str(model.device)})
            file.attrs.update(manifest or {})
            file["config"] = model.config.to_json_string(use_diff=False)
            file["text"] = np.frombuffer(text.encode(), np.uint8)
            file["tokens"] = np.asarray(tokens, np.int32)
            file["offsets"] = np.asarray(offsets, np.int32)
            create(file, infos, np.float16 if narrow else np.float32, chunk)
            file.swmr_mode = True  # from here on a killed recording stays readable up to its last flush
            writers = {layer: LayerWriter(file[f"layers/{layer:05d}"], layer, info, narrow, model.dtype)
                       for layer, info in infos.items()}  # fmt: skip
            run(model, watch, ids, chunk, writers, file["logprob"], file.flush)
        with h5py.File(part, "r+") as file:
            file.attrs["complete"] = 1
        os.replace(part, out)
    except BaseException as problem:
        if isinstance(problem, SystemExit) and os.path.exists(part):
            os.remove(part)
        raise
    finally:
        watch.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="a folder or a name on the Hugging Face hub")
    parser.add_argument("--text", required=True, help="a UTF-8 text file")
    parser.add_argument("--out", required=True)
    parser.add_argument("--tokens", type=int, help="at most so many")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--chunk", type=int, default=256, help="tokens per forward pass and per flush")
    args = parser.parse_args()
    if missing:
        sys.exit(f"{parser.prog}: {missing.name or missing} is missing; pip install torch transformers h5py numpy")
    with open(args.text, encoding="utf-8", newline="") as file:
        text = file.read()
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.model)
    kind = transformers.AutoModelForCausalLM
    if type(transformers.AutoConfig.from_pretrained(args.model)) not in transformers.MODEL_FOR_CAUSAL_LM_MAPPING:
        kind = transformers.AutoModelForImageTextToText  # of a model that sees pictures, the text part is recorded
    model = kind.from_pretrained(args.model, dtype=getattr(torch, args.dtype)).to(args.device).eval()
    encoded = tokenizer(text, return_offsets_mapping=True)
    tokens, offsets = encoded["input_ids"][: args.tokens], encoded["offset_mapping"][: args.tokens]
    manifest = {"model": os.path.basename(os.path.normpath(args.model)), "text": os.path.basename(args.text)}
    record(model, tokens, text, byte_offsets(text, offsets), args.out, args.chunk, manifest)


if __name__ == "__main__":
    main()
