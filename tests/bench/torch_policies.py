"""The peers of Winnow's replay: plain PyTorch loops over one layer's recorded queries and keys, a step at a time, in the manner of
the papers' code: append the key, attend, update the score, drop one slot. Written from the papers; no line is theirs.
They return the step at whose end each token left, [KV heads, T], so that the kept tokens can be compared.
"""
import torch


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def read_layer(file, layer):
    group = file[f"/layers/{layer:05d}"]
    q, k = (torch.from_numpy(group[name][:]).float() for name in "qk")
    inv_freq = torch.from_numpy(group["inv_freq"][:]).float()
    angles = torch.arange(q.shape[1]).float()[:, None] * inv_freq
    return q * float(group.attrs["scale"]), k, angles.cos(), angles.sin()


def record(evict_step, positions, slot, t):
    heads = torch.arange(positions.shape[0])
    evict_step[heads, positions[heads, slot]] = t


def without(x, slot):
    """x [heads, slots, …] without one slot per head."""
    heads, slots = x.shape[:2]
    keep = torch.arange(slots - 1).expand(heads, -1)
    keep = keep + (keep >= slot[:, None])
    if x.dim() == 3:
        return x.gather(1, keep[..., None].expand(-1, -1, x.shape[2]))
    return x.gather(1, keep)


@torch.inference_mode()
def h2o(q, k, cos, sin, budget):
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    recent = budget // 2
    cache = k[:, :0]
    sums = torch.zeros(kv_heads, 0)
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    evict_step = torch.full((kv_heads, tokens), -1)
    for t in range(tokens):
        cache = torch.cat([cache, k[:, t : t + 1]], 1)
        positions = torch.cat([positions, torch.full((kv_heads, 1), t)], 1)
        query = q[:, t].view(kv_heads, -1, d)
        row = (query @ cache.transpose(1, 2)).softmax(-1).mean(1)
        sums = torch.cat([sums, torch.zeros(kv_heads, 1)], 1) + row
        if cache.shape[1] > budget:
            slot = sums[:, : cache.shape[1] - recent].argmin(1)
            record(evict_step, positions, slot, t)
            cache, sums, positions = without(cache, slot), without(sums, slot), without(positions, slot)
    return evict_step


@torch.inference_mode()
def tova(q, k, cos, sin, budget):
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    cache = k[:, :0]
    positions = torch.zeros(1, 0, dtype=torch.long)
    evict_step = torch.full((1, tokens), -1)
    for t in range(tokens):
        cache = torch.cat([cache, k[:, t : t + 1]], 1)
        positions = torch.cat([positions, torch.full((1, 1), t)], 1)
        query = q[:, t].view(kv_heads, -1, d)
        row = (query @ cache.transpose(1, 2)).softmax(-1).flatten(0, 1).mean(0)
        if cache.shape[1] > budget:
            slot = row.argmin(0, keepdim=True)
            record(evict_step, positions, slot, t)
            cache, positions = without(cache, slot.expand(kv_heads)), without(positions, slot)
    return evict_step.expand(kv_heads, -1)


@torch.inference_mode()
def treekv(q, k, cos, sin, budget):
    kv_heads, tokens, d = k.shape
    sinks = 4
    recent = max(0, budget // 2 - sinks)
    tree = budget - sinks - recent
    cache = k[:, :0]
    sums = torch.zeros(kv_heads, 0)
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    evict_step = torch.full((kv_heads, tokens), -1)
    heads = torch.arange(kv_heads)
    idx = 1
    for t in range(tokens):
        cache = torch.cat([cache, k[:, t : t + 1]], 1)
        positions = torch.cat([positions, torch.full((kv_heads, 1), t)], 1)
        slots = cache.shape[1]
        # Positions by slot, as in StreamingLLM: the cache is rotated anew at every step.
        query = rotate(q[:, t], cos[slots - 1], sin[slots - 1]).view(kv_heads, -1, d)
        row = (query @ rotate(cache, cos[:slots], sin[:slots]).transpose(1, 2)).softmax(-1).mean(1)
        sums = torch.cat([sums, torch.zeros(kv_heads, 1)], 1) + row
        if slots > budget:
            left = sinks + idx - 1
            mean = sums[:, left : left + 2] / (t - positions[:, left : left + 2] + 1)
            slot = left + (mean[:, 0] > mean[:, 1]).long()
            record(evict_step, positions, slot, t)
            cache, sums, positions = without(cache, slot), without(sums, slot), without(positions, slot)
            idx = idx % tree + 1
    return evict_step


POLICIES = {"h2o": h2o, "tova": tova, "treekv": treekv}
