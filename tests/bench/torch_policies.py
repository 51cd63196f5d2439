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


def append(x, column):
    return torch.cat([x, column], 1)


@torch.inference_mode()
def streaming(q, k, cos, sin, budget):
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    cache = k[:, :0]
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    evict_step = torch.full((kv_heads, tokens), -1)
    slot = torch.full((kv_heads,), 4)
    for t in range(tokens):
        cache, positions = append(cache, k[:, t : t + 1]), append(positions, torch.full((kv_heads, 1), t))
        (q[:, t].view(kv_heads, -1, d) @ cache.transpose(1, 2)).softmax(-1)
        if cache.shape[1] > budget:
            record(evict_step, positions, slot, t)
            cache, positions = without(cache, slot), without(positions, slot)
    return evict_step


@torch.inference_mode()
def scissorhands(q, k, cos, sin, budget, sinks=4, recent=10):
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    cache, sums = k[:, :0], torch.zeros(kv_heads, 0, dtype=torch.double)
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    evict_step = torch.full((kv_heads, tokens), -1)
    for t in range(tokens):
        cache, positions = append(cache, k[:, t : t + 1]), append(positions, torch.full((kv_heads, 1), t))
        row = (q[:, t].view(kv_heads, -1, d) @ cache.transpose(1, 2)).softmax(-1).mean(1)
        sums = append(sums, torch.zeros(kv_heads, 1, dtype=torch.double)) + row
        if cache.shape[1] > budget:
            slot = sinks + sums[:, sinks : cache.shape[1] - recent].argmin(1)
            record(evict_step, positions, slot, t)
            cache, sums, positions = without(cache, slot), without(sums, slot), without(positions, slot)
    return evict_step


@torch.inference_mode()
def cake(q, k, cos, sin, budget, window=32, kernel=5):
    """Decoding without a prompt: the newest row, averaged over neighbors."""
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    cache = k[:, :0]
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    evict_step = torch.full((kv_heads, tokens), -1)
    for t in range(tokens):
        cache, positions = append(cache, k[:, t : t + 1]), append(positions, torch.full((kv_heads, 1), t))
        row = (q[:, t].view(kv_heads, -1, d) @ cache.transpose(1, 2)).softmax(-1)
        if cache.shape[1] > budget:
            pooled = torch.nn.functional.avg_pool1d(row[:, :, :-window], kernel, 1, kernel // 2).mean(1)
            slot = pooled.argmin(1)
            record(evict_step, positions, slot, t)
            cache, positions = without(cache, slot), without(positions, slot)
    return evict_step


@torch.inference_mode()
def rkv(q, k, cos, sin, budget, window=8, kernel=7, mix=0.07, threshold=0.5, every=128):
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    cache = k[:, :0]
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    evict_step = torch.full((kv_heads, tokens), -1)
    for t in range(tokens):
        cache, positions = append(cache, k[:, t : t + 1]), append(positions, torch.full((kv_heads, 1), t))
        (q[:, t].view(kv_heads, -1, d) @ cache.transpose(1, 2)).softmax(-1)
        slots = cache.shape[1]
        if t % every or slots <= budget:
            continue
        queries = q[:, t - window + 1 : t + 1].view(kv_heads, -1, window, d)
        logits = (queries @ cache[:, None, :-window].transpose(2, 3)).amax(1)
        importance = torch.nn.functional.max_pool1d(logits.softmax(-1).mean(1), kernel, 1, kernel // 2)
        unit = cache / cache.norm(dim=-1, keepdim=True)
        alike = unit @ unit.transpose(1, 2)
        alike.diagonal(dim1=1, dim2=2).zero_()
        last = torch.where(alike > threshold, torch.arange(slots), 0).amax(-1, keepdim=True)
        redundancy = alike.scatter(2, last, 0).mean(1).softmax(-1)[:, :-window]
        kept = (mix * importance - (1 - mix) * redundancy).topk(budget - window).indices.sort().values
        kept = torch.cat([kept, torch.arange(slots - window, slots).expand(kv_heads, -1)], 1)
        gone = torch.ones(kv_heads, slots, dtype=torch.bool).scatter(1, kept, False)
        head, slot = gone.nonzero(as_tuple=True)
        evict_step[head, positions[head, slot]] = t
        cache, positions = cache.gather(1, kept[..., None].expand(-1, -1, d)), positions.gather(1, kept)
    return evict_step


@torch.inference_mode()
def zeromerge(q, k, cos, sin, budget, tail=12, dense=4, shrink=0.98):
    kv_heads, tokens, d = k.shape
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    heads = torch.arange(kv_heads)
    evict_step = torch.full((kv_heads, tokens), -1)
    cache, weights = k[:, :0], torch.zeros(kv_heads, 0)
    sums = torch.zeros(kv_heads, 0, dtype=torch.double)
    positions = torch.zeros(kv_heads, 0, dtype=torch.long)
    stands = torch.zeros(kv_heads, 0, dtype=torch.bool)
    for t in range(tokens):
        cache, positions = append(cache, k[:, t : t + 1]), append(positions, torch.full((kv_heads, 1), t))
        weights, stands = append(weights, torch.ones(kv_heads, 1)), append(stands, torch.zeros(kv_heads, 1, dtype=torch.bool))
        logits = q[:, t].view(kv_heads, -1, d) @ cache.transpose(1, 2) + weights.log()[:, None]
        sums = append(sums, torch.zeros(kv_heads, 1, dtype=torch.double)) * shrink + logits.softmax(-1).sum(1)
        if cache.shape[1] <= budget:
            continue
        old = cache.shape[1] - tail
        if not stands.any():  # the lowest become slots that stand for others; one of them takes its neighbor in
            low = (-sums[:, :old]).topk(dense + 1).indices.sort().values
            slot, into = low[:, 1], low[:, 0]
            stands[heads[:, None], low] = True
        else:
            free = sums[:, : old - 1].masked_fill(stands[:, : old - 1], torch.inf)
            slot = free.argmin(1)
            products = (cache @ cache[heads, slot][..., None])[..., 0].masked_fill(~stands, -torch.inf)
            into = products.argmax(1)
        a, b = weights[heads, slot], weights[heads, into]
        cache[heads, into] = (a[:, None] * cache[heads, slot] + b[:, None] * cache[heads, into]) / (a + b)[:, None]
        weights[heads, into] = a + b
        record(evict_step, positions, slot, t)
        cache, sums, positions, weights, stands = (without(x, slot) for x in (cache, sums, positions, weights, stands))
    return evict_step


POLICIES = {"h2o": h2o, "tova": tova, "treekv": treekv}
MORE_POLICIES = {"streaming": streaming, "scissorhands": scissorhands, "zeromerge": zeromerge, "rkv": rkv, "cake": cake}

