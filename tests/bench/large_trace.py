#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a large made-up trace, to measure what a replay of it takes: large_trace.py OUT.h5 [tokens] [layers] [KV heads] [d].

    large_trace.py T.h5 && /usr/bin/time -v winnow replay T.h5 --policy h2o:budget=512 --device cpu --out R.npz

One query head for each KV head. All layers are copies of one, whose row normalizers and outputs are right.
"""
import sys

import h5py
import numpy as np
import torch

tokens, layers, heads, d = (list(map(int, sys.argv[2:])) + [8192, 24, 8, 32][len(sys.argv) - 2 :])[:4]
generator = torch.Generator().manual_seed(0)
q, k, v = (torch.randn(heads, tokens, d, generator=generator) * s for s in (2.0, 2.0, 1.0))
inv_freq = 10000.0 ** (-torch.arange(0, d, 2) / d)
angles = torch.arange(tokens)[:, None] * inv_freq
half = d // 2


def rotated(x):
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)


# As the trace stores them: half precision.
q, k, v = (x.half().float() for x in (q, k, v))
rotated_q, rotated_k = rotated(q) / d**0.5, rotated(k)
out, lse = torch.empty_like(q), torch.empty(heads, tokens)
for begin in range(0, tokens, 512):
    end = min(tokens, begin + 512)
    logits = rotated_q[:, begin:end] @ rotated_k[:, :end].transpose(1, 2)
    logits.masked_fill_(torch.arange(end) > torch.arange(begin, end)[:, None], -torch.inf)
    lse[:, begin:end] = logits.logsumexp(-1)
    out[:, begin:end] = logits.softmax(-1) @ v[:, :end]

with h5py.File(sys.argv[1], "w") as file:
    file.attrs.update(format="winnow-trace", version=1, complete=1, prompt=0, model="made up", dtype="float16")
    text = " ".join("w" for _ in range(tokens)).encode()
    file["config"] = f'{{"model_type": "made-up", "num_hidden_layers": {layers}}}'
    file["text"] = np.frombuffer(text, np.uint8)
    file["tokens"] = np.arange(tokens, dtype=np.int32) % 1000
    file["offsets"] = np.stack([2 * np.arange(tokens), np.minimum(2 * np.arange(tokens) + 1, len(text))], 1).astype(np.int32)
    file["logprob"] = np.full(tokens, -1, np.float32)
    for layer in range(layers):
        group = file.create_group(f"layers/{layer:05d}")
        for name, rows in zip("qkvo", (q, k, v, out)):
            group.create_dataset(name, data=rows.numpy().astype(np.float16), chunks=(heads, min(64, tokens), d))
        group.create_dataset("lse", data=lse.numpy(), chunks=(heads, min(64, tokens)))
        group["inv_freq"] = inv_freq.numpy().astype(np.float32)
        group.attrs.update(scale=d**-0.5, window=0, softcap=0.0, layout="half", rotary_scale=1.0)
