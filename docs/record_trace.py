#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records a trace for Winnow with PyTorch and transformers: for models that do not fit on your desk.

    python record_trace.py --model meta-llama/Llama-3.1-8B --text book.txt --out book.h5 --dtype bfloat16 --device cuda

Any model whose attention modules have q_proj, k_proj, v_proj and o_proj and the rotary embedding of Llama works (Llama,
Mistral, Qwen 2 and 3, OLMo 2, Phi 3 without fused projections, Granite, …). The file is described in trace.md beside this
script. Needs torch, transformers, h5py, numpy. The function `record` may be called from your own code.
"""

import argparse
import os

import h5py
import numpy as np
import torch
import transformers

VERSION = 1  # of the trace layout


def rotate(x, positions, inv_freq, scale, interleaved):
    """x [heads, n, d] with the rotary embedding applied, in float32."""
    x = x.float()
    pairs = inv_freq.numel()
    if pairs == 0:
        return x
    angles = positions.float()[:, None] * inv_freq.float()[None, :].to(x.device)
    cos, sin = angles.cos() * scale, angles.sin() * scale
    if interleaved:
        a, b = x[..., 0 : 2 * pairs : 2], x[..., 1 : 2 * pairs : 2]
        turned = torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)
    else:
        a, b = x[..., :pairs], x[..., pairs : 2 * pairs]
        turned = torch.cat((a * cos - b * sin, b * cos + a * sin), -1)
    return torch.cat((turned, x[..., 2 * pairs :]), -1)


def log_sum_exp(q, keys, begin, info):
    """[Hq, n]: of the logits of rotated queries at `begin`… over the rotated keys 0…, softcap and window applied."""
    group = q.shape[0] // keys.shape[0]
    t = torch.arange(begin, begin + q.shape[1], device=q.device)[:, None]
    i = torch.arange(keys.shape[1], device=q.device)[None, :]
    seen = i <= t
    if info["window"] > 0:
        seen &= t - i < info["window"]
    rows = []
    for head in range(q.shape[0]):  # one head at a time: memory grows with n · T only
        logits = q[head] @ keys[head // group].T * info["scale"]
        if info["softcap"] > 0:
            logits = info["softcap"] * torch.tanh(logits / info["softcap"])
        rows.append(logits.masked_fill(~seen, -torch.inf).logsumexp(-1))
    return torch.stack(rows)


def normed(module, name, x, head_dim):
    """x [n, heads · d] as [heads, n, d], through the module's q_norm or k_norm where it has one (per head, or over all)."""
    norm = getattr(module, name, None)
    if norm is not None and norm.weight.numel() != head_dim:
        x, norm = norm(x), None
    x = x.view(x.shape[0], -1, head_dim)
    return (norm(x) if norm is not None else x).transpose(0, 1)


def describe(model, module):
    """The attributes of one layer: what is needed to derive attention from its rows."""
    config = model.config.get_text_config()
    rotary = model.get_decoder().rotary_emb
    inv_freq = getattr(rotary, "inv_freq", None)
    if inv_freq is None:
        raise SystemExit("this model has no single rotary_emb.inv_freq (layers differ); extend describe() for it")
    return {
        "scale": float(module.scaling),
        "window": int(getattr(module, "sliding_window", None) or 0),
        "softcap": float(getattr(config, "attn_logit_softcapping", None) or 0),
        "rotary_scale": float(getattr(rotary, "attention_scaling", 1.0)),
        "inv_freq": inv_freq.detach().float().cpu().numpy(),
    }


def value_output_norm(module, v):
    """[Hq, n]: L1 norm of each value after that head's columns of the output projection, without bias."""
    parts = module.o_proj.weight.split(v.shape[-1], 1)
    group = len(parts) // v.shape[0]
    return torch.stack([(v[head // group] @ part.T).float().abs().sum(-1) for head, part in enumerate(parts)])


class Recorder:
    """Hooks on every attention module; `take(layer)` gives what the last forward pass computed there."""

    def __init__(self, model):
        self.modules = [layer.self_attn for layer in model.get_decoder().layers]
        self.seen = [{} for _ in self.modules]
        self.handles = []
        for module, seen in zip(self.modules, self.seen):
            for name in ("q_proj", "k_proj", "v_proj"):
                keep = lambda _, __, output, seen=seen, name=name: seen.__setitem__(name, output[0].detach())
                self.handles.append(getattr(module, name).register_forward_hook(keep))
            keep = lambda _, inputs, seen=seen: seen.__setitem__("o", inputs[0][0].detach())
            self.handles.append(module.o_proj.register_forward_pre_hook(keep))

    def take(self, layer):
        module, seen = self.modules[layer], self.seen[layer]
        d = module.head_dim
        split = lambda x: x.view(x.shape[0], -1, d).transpose(0, 1)
        return {
            "q": normed(module, "q_norm", seen["q_proj"], d),
            "k": normed(module, "k_norm", seen["k_proj"], d),
            "v": split(seen["v_proj"]),
            "o": split(seen["o"]),
        }

    def close(self):
        for handle in self.handles:
            handle.remove()


def byte_offsets(text, offsets):
    """Character ranges as byte ranges of the UTF-8 text."""
    starts = np.cumsum([0] + [len(character.encode()) for character in text])
    return np.array([(starts[begin], starts[end]) for begin, end in offsets], np.int32).reshape(-1, 2)


@torch.no_grad()
def record(model, tokens, text, offsets, out, chunk=256, interleaved=False, manifest=None):
    """Runs `model` over `tokens` and writes the trace `out`. `offsets`: byte range of each token in `text`."""
    recorder = Recorder(model)
    layers = len(recorder.modules)
    infos = [describe(model, module) for module in recorder.modules]
    narrow = model.dtype in (torch.float16, torch.bfloat16)
    stored = np.float16 if narrow else np.float32
    part = str(out) + ".part"
    with h5py.File(part, "w", libver="latest") as file:
        file.attrs.update({"format": "winnow-trace", "version": VERSION, "complete": 0, "prompt": len(tokens)})
        versions = f"torch {torch.__version__}, transformers {transformers.__version__}, h5py {h5py.__version__}"
        file.attrs.update({"versions": versions, "dtype": str(model.dtype).removeprefix("torch."), "device": str(model.device)})
        file.attrs.update(manifest or {})
        file["config"] = model.config.to_json_string(use_diff=False)
        file["text"] = np.frombuffer(text.encode(), np.uint8)
        file["tokens"] = np.asarray(tokens, np.int32)
        file["offsets"] = np.asarray(offsets, np.int32)
        file.create_dataset("logprob", (0,), np.float32, maxshape=(None,), chunks=(chunk,))
        for layer, info in enumerate(infos):
            group = file.create_group(f"layers/{layer:05d}")
            group["inv_freq"] = info["inv_freq"]
            group.attrs["layout"] = "interleaved" if interleaved else "half"
            group.attrs.update({name: info[name] for name in ("scale", "window", "softcap", "rotary_scale")})
            module = recorder.modules[layer]
            d = module.head_dim
            key_heads = module.k_proj.out_features // d
            query_heads = module.q_proj.out_features // d
            for name, heads in (("q", query_heads), ("k", key_heads), ("v", key_heads), ("o", query_heads)):
                group.create_dataset(name, (heads, 0, d), stored, maxshape=(heads, None, d), chunks=(heads, chunk, d))
            for name in ("lse", "vo_norm"):
                group.create_dataset(name, (query_heads, 0), np.float32, maxshape=(query_heads, None), chunks=(query_heads, chunk))
        file.swmr_mode = True  # from here on a killed recording stays readable up to its last flush

        def append(data, rows):
            axis = min(1, data.ndim - 1)
            begin = data.shape[axis]
            data.resize(begin + rows.shape[axis], axis)
            if axis:
                data[:, begin:] = rows
            else:
                data[begin:] = rows

        ids = torch.tensor(tokens, dtype=torch.long, device=model.device)
        cache, keys, carried = None, [None] * layers, float("nan")
        for begin in range(0, len(tokens), chunk):
            piece = ids[begin : begin + chunk]
            result = model(piece[None], past_key_values=cache, use_cache=True)
            cache = result.past_key_values
            positions = torch.arange(begin, begin + len(piece), device=model.device)
            for layer, info in enumerate(infos):
                rows = recorder.take(layer)
                turn = lambda x: rotate(x, positions, torch.from_numpy(info["inv_freq"]), info["rotary_scale"], interleaved)
                turned = turn(rows["k"])
                keys[layer] = turned if keys[layer] is None else torch.cat((keys[layer], turned), 1)
                group = file[f"layers/{layer:05d}"]
                for name, values in rows.items():
                    if not values.isfinite().all():
                        raise SystemExit(f"layer {layer}: {name} holds numbers that are not finite; is a weight damaged, or --dtype too small?")
                    if narrow and not values.half().isfinite().all():
                        raise SystemExit(f"layer {layer}: {name} does not fit into float16; run with --dtype float32")
                    append(group[name], values.half().cpu().numpy() if narrow else values.float().cpu().numpy())
                append(group["lse"], log_sum_exp(turn(rows["q"]), keys[layer], begin, info).cpu().numpy())
                append(group["vo_norm"], value_output_norm(recorder.modules[layer], rows["v"]).cpu().numpy())
            file.flush()  # the rows first: the shortest dataset tells how long a killed trace is
            predicted = result.logits[0].float().log_softmax(-1)
            known = ids[begin + 1 : begin + 1 + len(piece)]
            values = [carried] + predicted[: len(known)].gather(1, known[:, None])[:, 0].tolist()
            carried = values[len(piece)] if len(values) > len(piece) else carried
            append(file["logprob"], np.array(values[: len(piece)], np.float32))
            file["logprob"].flush()
    recorder.close()
    with h5py.File(part, "r+") as file:
        file.attrs["complete"] = 1
    os.replace(part, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="a folder or a name on the Hugging Face hub")
    parser.add_argument("--text", required=True, help="a UTF-8 text file")
    parser.add_argument("--out", required=True)
    parser.add_argument("--tokens", type=int, help="at most so many")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--chunk", type=int, default=256, help="tokens per forward pass and per flush")
    parser.add_argument("--interleaved", action="store_true", help="the model rotates neighboring dims (GPT-J style)")
    args = parser.parse_args()
    with open(args.text, encoding="utf-8", newline="") as file:
        text = file.read()
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.model)
    model = transformers.AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype)).to(args.device).eval()
    encoded = tokenizer(text, return_offsets_mapping=True)
    tokens, offsets = encoded["input_ids"][: args.tokens], encoded["offset_mapping"][: args.tokens]
    manifest = {"model": os.path.basename(os.path.normpath(args.model)), "text": os.path.basename(args.text)}
    record(model, tokens, text, byte_offsets(text, offsets), args.out, args.chunk, args.interleaved, manifest)


if __name__ == "__main__":
    main()
