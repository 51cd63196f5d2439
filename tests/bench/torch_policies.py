# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers of Winnow's replay: plain PyTorch loops over one layer's recorded queries and keys, a step at a time, in the manner of
the papers' code: append the key, attend, update the score, drop what is too much. Written from the papers; no line is theirs.
They return the step at whose end each token left, [KV heads, T], so that the kept tokens can be compared.
"""
import types

import numpy as np
import torch


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def read_layer(file, number):
    """Queries (times the scale) and keys before the rotary embedding, values, and the embedding."""
    group = file[f"/layers/{number:05d}"]
    q, k, v = (torch.from_numpy(group[name][:]).float() for name in "qkv")
    inv_freq = torch.from_numpy(group["inv_freq"][:]).float()
    angles = torch.arange(q.shape[1]).float()[:, None] * inv_freq
    return types.SimpleNamespace(q=q * float(group.attrs["scale"]), k=k, v=v, cos=angles.cos(), sin=angles.sin(), number=number,
                                 layers=len(file["layers"]))


def append(x, column):
    return torch.cat([x, column], 1)


def without(x, slot):
    """x [heads, slots, …] without one slot per head."""
    heads, slots = x.shape[:2]
    keep = torch.arange(slots - 1).expand(heads, -1)
    keep = keep + (keep >= slot[:, None])
    if x.dim() == 3:
        return x.gather(1, keep[..., None].expand(-1, -1, x.shape[2]))
    return x.gather(1, keep)


class Cache:
    """The slots of every KV head: rotated keys, their tokens, and when those that are gone left."""

    def __init__(self, layer, rotated=True):
        turned = (lambda x: rotate(x, layer.cos, layer.sin)) if rotated else (lambda x: x)
        self.heads, self.tokens, self.d = layer.k.shape
        self.all_queries, self.all_keys = turned(layer.q), turned(layer.k)
        self.keys = self.all_keys[:, :0]
        self.positions = torch.zeros(self.heads, 0, dtype=torch.long)
        self.evict_step = torch.full((self.heads, self.tokens), -1)
        self.index = torch.arange(self.heads)

    def size(self):
        return self.keys.shape[1]

    def append(self, t):
        self.keys = append(self.keys, self.all_keys[:, t : t + 1])
        self.positions = append(self.positions, torch.full((self.heads, 1), t))

    def zeros(self, dtype=torch.float):
        return torch.zeros(self.heads, 1, dtype=dtype)

    def queries(self, t):
        return self.all_queries[:, t].view(self.heads, -1, self.d)

    def attend(self, t):
        """The softmax of the newest query, [KV heads, query heads of each, slots]."""
        return (self.queries(t) @ self.keys.transpose(1, 2)).softmax(-1)

    def drop(self, slot, t, *states):
        """Slot `slot` [KV heads] leaves; returns the states [KV heads, slots, …] without it."""
        self.evict_step[self.index, self.positions[self.index, slot]] = t
        self.keys, self.positions = without(self.keys, slot), without(self.positions, slot)
        return [without(state, slot) for state in states]

    def keep(self, slots, t):
        """Only `slots` [KV heads, kept] (ascending) stay."""
        gone = torch.ones(self.positions.shape, dtype=torch.bool).scatter(1, slots, False)
        head, slot = gone.nonzero(as_tuple=True)
        self.evict_step[head, self.positions[head, slot]] = t
        self.keys, self.positions = self.keys.gather(1, slots[..., None].expand(-1, -1, self.d)), self.positions.gather(1, slots)


@torch.inference_mode()
def h2o(layer, budget):
    cache, recent = Cache(layer), budget // 2
    sums = torch.zeros(cache.heads, 0)
    for t in range(cache.tokens):
        cache.append(t)
        sums = append(sums, cache.zeros()) + cache.attend(t).mean(1)
        if cache.size() > budget:
            sums, = cache.drop(sums[:, : cache.size() - recent].argmin(1), t, sums)
    return cache.evict_step


@torch.inference_mode()
def tova(layer, budget):
    cache = Cache(layer)
    for t in range(cache.tokens):
        cache.append(t)
        row = cache.attend(t).flatten(0, 1).mean(0)
        if cache.size() > budget:
            cache.drop(row.argmin(0, keepdim=True).expand(cache.heads), t)
    return cache.evict_step


@torch.inference_mode()
def treekv(layer, budget):
    cache, sinks = Cache(layer, rotated=False), 4
    tree = budget - sinks - max(0, budget // 2 - sinks)
    sums = torch.zeros(cache.heads, 0)
    idx = 1
    for t in range(cache.tokens):
        cache.append(t)
        slots = cache.size()
        # Positions by slot, as in StreamingLLM: the cache is rotated anew at every step.
        query = rotate(cache.queries(t), layer.cos[slots - 1], layer.sin[slots - 1])
        row = (query @ rotate(cache.keys, layer.cos[:slots], layer.sin[:slots]).transpose(1, 2)).softmax(-1).mean(1)
        sums = append(sums, cache.zeros()) + row
        if slots > budget:
            left = sinks + idx - 1
            mean = sums[:, left : left + 2] / (t - cache.positions[:, left : left + 2] + 1)
            sums, = cache.drop(left + (mean[:, 0] > mean[:, 1]).long(), t, sums)
            idx = idx % tree + 1
    return cache.evict_step


def oldest(layer, budget, sinks):
    cache = Cache(layer)
    slot = torch.full((cache.heads,), sinks)
    for t in range(cache.tokens):
        cache.append(t)
        cache.attend(t)
        if cache.size() > budget:
            cache.drop(slot, t)
    return cache.evict_step


@torch.inference_mode()
def window(layer, budget):
    return oldest(layer, budget, 0)


@torch.inference_mode()
def streaming(layer, budget):
    return oldest(layer, budget, 4)


@torch.inference_mode()
def lacache(layer, budget, sinks=4):
    """Of a span that covers all layers: a rung is two slots, of which even layers keep the first."""
    cache, cursor = Cache(layer), sinks
    for t in range(cache.tokens):
        cache.append(t)
        cache.attend(t)
        if cache.size() > budget:
            if budget - cursor - layer.layers < 1:
                cursor = sinks
            cache.drop(torch.full((cache.heads,), cursor + 1 - layer.number % 2), t)
            cursor += 1
    return cache.evict_step


@torch.inference_mode()
def scissorhands(layer, budget, sinks=4, recent=10):
    cache = Cache(layer)
    sums = torch.zeros(cache.heads, 0, dtype=torch.double)
    for t in range(cache.tokens):
        cache.append(t)
        sums = append(sums, cache.zeros(torch.double)) + cache.attend(t).mean(1)
        if cache.size() > budget:
            sums, = cache.drop(sinks + sums[:, sinks : cache.size() - recent].argmin(1), t, sums)
    return cache.evict_step


@torch.inference_mode()
def cake(layer, budget, window=32, kernel=5):
    """Decoding without a prompt: the newest row, averaged over neighbors."""
    cache = Cache(layer)
    for t in range(cache.tokens):
        cache.append(t)
        row = cache.attend(t)
        if cache.size() > budget:
            pooled = torch.nn.functional.avg_pool1d(row[:, :, :-window], kernel, 1, kernel // 2).mean(1)
            cache.drop(pooled.argmin(1), t)
    return cache.evict_step


@torch.inference_mode()
def rkv(layer, budget, window=8, kernel=7, mix=0.07, threshold=0.5, every=128):
    cache = Cache(layer)
    for t in range(cache.tokens):
        cache.append(t)
        cache.attend(t)
        slots = cache.size()
        if t % every or slots <= budget:
            continue
        queries = cache.all_queries[:, t - window + 1 : t + 1].view(cache.heads, -1, window, cache.d)
        logits = (queries @ cache.keys[:, None, :-window].transpose(2, 3)).amax(1)
        importance = torch.nn.functional.max_pool1d(logits.softmax(-1).mean(1), kernel, 1, kernel // 2)
        unit = cache.keys / cache.keys.norm(dim=-1, keepdim=True)
        alike = unit @ unit.transpose(1, 2)
        alike.diagonal(dim1=1, dim2=2).zero_()
        last = torch.where(alike > threshold, torch.arange(slots), 0).amax(-1, keepdim=True)
        redundancy = alike.scatter(2, last, 0).mean(1).softmax(-1)[:, :-window]
        kept = (mix * importance - (1 - mix) * redundancy).topk(budget - window).indices.sort().values
        cache.keep(append(kept, torch.arange(slots - window, slots).expand(cache.heads, -1)), t)
    return cache.evict_step


@torch.inference_mode()
def zeromerge(layer, budget, tail=12, dense=4, shrink=0.98):
    cache = Cache(layer)
    weights, sums = torch.zeros(cache.heads, 0), torch.zeros(cache.heads, 0, dtype=torch.double)
    stands = torch.zeros(cache.heads, 0, dtype=torch.bool)
    for t in range(cache.tokens):
        cache.append(t)
        weights, stands = append(weights, cache.zeros() + 1), append(stands, cache.zeros(torch.bool))
        logits = cache.queries(t) @ cache.keys.transpose(1, 2) + weights.log()[:, None]
        sums = append(sums, cache.zeros(torch.double)) * shrink + logits.softmax(-1).sum(1)
        if cache.size() <= budget:
            continue
        old, heads = cache.size() - tail, cache.index
        if not stands.any():  # the lowest become slots that stand for others; one of them takes its neighbor in
            low = (-sums[:, :old]).topk(dense + 1).indices.sort().values
            slot, into = low[:, 1], low[:, 0]
            stands[heads[:, None], low] = True
        else:
            slot = sums[:, : old - 1].masked_fill(stands[:, : old - 1], torch.inf).argmin(1)
            products = (cache.keys @ cache.keys[heads, slot][..., None])[..., 0].masked_fill(~stands, -torch.inf)
            into = products.argmax(1)
        a, b = weights[heads, slot], weights[heads, into]
        cache.keys[heads, into] = (a[:, None] * cache.keys[heads, slot] + b[:, None] * cache.keys[heads, into]) / (a + b)[:, None]
        weights[heads, into] = a + b
        sums, weights, stands = cache.drop(slot, t, sums, weights, stands)
    return cache.evict_step


@torch.inference_mode()
def cam_decode(layer, budget, spread=32):
    """As H2O; the value that leaves goes into the next ones, by its share of their mean attention."""
    cache, recent = Cache(layer), budget // 2
    sums, values = torch.zeros(cache.heads, 0), layer.v[:, :0]
    for t in range(cache.tokens):
        cache.append(t)
        values = append(values, layer.v[:, t : t + 1])
        row = cache.attend(t)
        row @ values
        sums = append(sums, cache.zeros()) + row.mean(1)
        if cache.size() > budget:
            slot = sums[:, : cache.size() - recent].argmin(1)
            ahead = torch.arange(cache.size()) - slot[:, None]
            goes = ((ahead > 0) & (ahead <= spread)).float()
            count = goes.sum(1)
            share = (sums[cache.index, slot] / ((sums * goes).sum(1) / count)).clamp(0, 1) / count
            values = values + (goes * share[:, None])[..., None] * values[cache.index, slot][:, None]
            sums, values = cache.drop(slot, t, sums, values)
    return cache.evict_step


def mixed(hash, number):
    """One more number mixed into a hash, as in core/policy/seeded_hash.h."""
    z = hash + 0x9E3779B97F4A7C15 * (number + 1) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


MASK = 2**64 - 1


@torch.inference_mode()
def random(layer, budget, seed=0):
    cache = Cache(layer)
    units = [mixed(mixed(mixed(0, seed), layer.number), head) for head in range(cache.heads)]
    for t in range(cache.tokens):
        cache.append(t)
        cache.attend(t)
        if cache.size() > budget:
            cache.drop(torch.tensor([mixed(mixed(unit, t), 0) % cache.size() for unit in units]), t)
    return cache.evict_step


def band_energy(signal, finest=1, coarsest=5):
    """Energy of Haar bands at every slot, of signals [KV heads, slots, d]."""
    slots, mean = signal.shape[1], signal
    energy = torch.zeros(signal.shape[:2], dtype=signal.dtype)
    for level in range(1, coarsest + 1):
        if mean.shape[1] == 1:
            break
        if mean.shape[1] % 2:
            mean = torch.cat([mean, mean[:, -1:]], 1)
        a, b = mean[:, ::2], mean[:, 1::2]
        if level >= finest:
            energy += ((a - b) ** 2 / 4).sum(-1).repeat_interleave(2**level, 1)[:, :slots]
        mean = (a + b) / 2
    return energy


@torch.inference_mode()
def wavelet(layer, budget, sinks=4, decay=0.99):
    cache, recent = Cache(layer), budget // 2 - sinks
    energy, values = torch.zeros(cache.heads, 0, dtype=torch.double), layer.v[:, :0]
    for t in range(cache.tokens):
        cache.append(t)
        values = append(values, layer.v[:, t : t + 1])
        row = cache.attend(t).mean(1)
        energy = append(energy, cache.zeros(torch.double)) * decay + band_energy(row.double()[..., None] * values.double())
        if cache.size() > budget:
            slot = sinks + energy[:, sinks : cache.size() - recent].argmin(1)
            energy, values = cache.drop(slot, t, energy, values)
    return cache.evict_step


@torch.inference_mode()
def quest(layer, budget, page=16, least=3):
    """Returns the pages read at every step, a bit each, [KV heads, T, bytes]."""
    cache = Cache(layer)
    low = high = torch.zeros(cache.heads, 0, cache.d)
    read = torch.zeros(cache.heads, cache.tokens, (cache.tokens + page - 1) // page, dtype=torch.bool)
    for t in range(cache.tokens):
        cache.append(t)
        key = cache.keys[:, -1:]
        if t % page == 0:
            low, high = append(low, key), append(high, key)
        else:
            low[:, -1:], high[:, -1:] = low[:, -1:].minimum(key), high[:, -1:].maximum(key)
        there, count = low.shape[1], max(least, min(budget, t + 1) // page)
        if count >= there:
            read[:, t, :there] = True
            cache.attend(t)
            continue
        queries = cache.queries(t)[:, :, None]
        bounds = torch.maximum(queries * low[:, None], queries * high[:, None]).sum(-1).sum(1)
        pages = bounds.topk(count).indices.sort().values
        read[:, t].scatter_(1, pages, True)
        tokens = (pages[..., None] * page + torch.arange(page)).flatten(1)
        keys = cache.keys.gather(1, tokens.clamp(max=t)[..., None].expand(-1, -1, cache.d))
        (cache.queries(t) @ keys.transpose(1, 2)).masked_fill((tokens > t)[:, None], -torch.inf).softmax(-1)
    return torch.from_numpy(np.packbits(read.numpy(), axis=-1))


POLICIES = {"h2o": h2o, "tova": tova, "treekv": treekv}
MORE_POLICIES = {"streaming": streaming, "window": window, "lacache": lacache, "scissorhands": scissorhands, "zeromerge": zeromerge, "rkv": rkv,
                 "cake": cake, "cam-decode": cam_decode, "random": random, "wavelet": wavelet, "quest": quest}
SELECTIONS = {"quest"}  # whose answer is what each step read
