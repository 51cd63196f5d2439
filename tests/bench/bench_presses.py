#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the presses of NVIDIA kvpress on the layers of a trace, a quarter kept: bench_presses.py TRACE prints {press: seconds}.

A press asks the attention module for queries; here the module hands out the recorded ones, so that it works on the same tensors as
Winnow. Queries and keys are recorded before the rotary embedding; rotating the keys, which a model has done by then, is not timed.
ObservedAttention gets its matrix from eager attention, which Winnow has to compute, so the press is timed with it.
"""
import json
import sys
import time
import types

import h5py
import kvpress
import torch

RATIO = 0.75


def rotated(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


class Layer:
    def __init__(self, file, number, layers):
        group = file[f"/layers/{number:05d}"]
        q, k, v = (torch.from_numpy(group[name][:]).float()[None] for name in "qkv")
        _, query_heads, tokens, d = q.shape
        inv_freq = torch.from_numpy(group["inv_freq"][:]).float()

        def rotary(x, positions):
            angles = positions[0].float()[:, None] * inv_freq
            return torch.cat([angles, angles], -1).cos()[None], torch.cat([angles, angles], -1).sin()[None]

        cos, sin = rotary(None, torch.arange(tokens)[None])
        self.q, self.values, self.keys = rotated(q, cos, sin), v, rotated(k, cos, sin)
        self.hidden = q.transpose(1, 2).reshape(1, tokens, query_heads * d)
        config = types.SimpleNamespace(num_attention_heads=query_heads, num_key_value_heads=k.shape[1], head_dim=d, hidden_size=query_heads * d,
                                       num_hidden_layers=layers, _attn_implementation="sdpa", max_position_embeddings=tokens)
        self.module = types.SimpleNamespace(config=config, head_dim=d, layer_idx=number, num_key_value_groups=query_heads // k.shape[1],
                                            q_proj=lambda hidden: hidden, o_proj=torch.nn.Linear(query_heads * d, query_heads * d, bias=False),
                                            rotary_emb=rotary, masked_key_indices=None)
        self.kwargs = {"position_embeddings": (cos, sin)}

    def attention(self):
        keys = self.keys.repeat_interleave(self.module.num_key_value_groups, 1)
        logits = self.q @ keys.transpose(2, 3) / self.module.head_dim**0.5
        return logits.masked_fill(torch.ones(logits.shape[-2:]).triu(1).bool(), -torch.inf).softmax(-1)

    def filters(self):
        right = torch.linalg.svd(self.q[0], full_matrices=False).Vh[:, 0]
        sign = torch.sign((self.q[0] * right[:, None]).sum((1, 2)))
        return (right * sign[:, None]).view(self.keys.shape[1], -1, self.module.head_dim).mean(1)


def snapkv():
    return kvpress.SnapKVPress(RATIO, window_size=32, kernel_size=5)


PRESSES = {
    "snapkv": snapkv,
    "pyramidkv": lambda: kvpress.PyramidKVPress(RATIO, window_size=32, kernel_size=5),
    "observed-attention": lambda: kvpress.ObservedAttentionPress(RATIO),
    "expected-attention": lambda: kvpress.ExpectedAttentionPress(RATIO),
    "criticalkv": lambda: kvpress.CriticalKVPress(snapkv()),
    "criticaladakv": lambda: kvpress.CriticalAdaKVPress(snapkv()),
    "ada-snapkv": lambda: kvpress.AdaKVPress(snapkv()),
    "chunkkv": lambda: kvpress.ChunkKVPress(snapkv()),
    "knorm": lambda: kvpress.KnormPress(RATIO),
    "keydiff": lambda: kvpress.KeyDiffPress(RATIO),
    "lagkv": lambda: kvpress.LagKVPress(RATIO),
    "qfilter": lambda: kvpress.QFilterPress(RATIO),
    "cur": lambda: kvpress.CURPress(RATIO),
}


@torch.inference_mode()
def seconds(name, layers):
    press = PRESSES[name]()
    begun = time.perf_counter()
    for number, layer in enumerate(layers):
        attention = layer.attention() if name == "observed-attention" else None
        if name == "qfilter":  # computed from the trace, as Winnow does
            press.q_filters = torch.stack([layer.filters()] * len(layers))
        press.compress(layer.module, layer.hidden, layer.keys, layer.values, attention, layer.kwargs)
    return time.perf_counter() - begun


def main():
    torch.set_num_threads(torch.multiprocessing.cpu_count())
    with h5py.File(sys.argv[1]) as file:
        layers = [Layer(file, number, len(file["layers"])) for number in range(len(file["layers"]))]
    for name in PRESSES:  # the first call of an operation is slower
        seconds(name, layers[:1])
    print(json.dumps({name: seconds(name, layers) for name in PRESSES}))


if __name__ == "__main__":
    main()
