// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/attention.h"

#include <limits>

namespace winnow {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
constexpr std::int64_t kBlockCells = 1 << 22; // logits held at a time: 16 MB
constexpr std::int64_t kLeastRows = 64;       // of a block of a sliding window

/// Query heads as [Hkv, group, n, d]: with the KV head as the batch, a stride of 0 shares keys within the group without a copy.
at::Tensor grouped(const at::Tensor& q, std::int64_t keyHeads) { return q.unflatten(0, {keyHeads, q.size(0) / keyHeads}); }

at::Tensor shared(const at::Tensor& k, std::int64_t group)
{
    return k.unsqueeze(1).expand({k.size(0), group, k.size(1), k.size(2)});
}

/// [n, keys] bool: true where one of the last n of `keys` positions does not attend.
at::Tensor hiddenCells(std::int64_t n, std::int64_t keys, std::int64_t window, at::Device device)
{
    at::Tensor hidden = at::ones({n, keys}, at::TensorOptions(at::kBool).device(device)).triu(keys - n + 1);
    if (window > 0 && window < keys)
        hidden.logical_or_(at::ones_like(hidden).tril(keys - n - window));
    return hidden;
}

at::Tensor additiveMask(const at::Tensor& hidden, at::ScalarType type)
{
    return at::zeros(hidden.sizes(), hidden.options().dtype(type)).masked_fill_(hidden, kMinusInfinity);
}

/// First key that any of the last n queries attends to.
std::int64_t firstKey(std::int64_t n, std::int64_t keys, std::int64_t window)
{
    return window > 0 ? std::max<std::int64_t>(0, keys - n - window + 1) : 0;
}

/// The flash operator aligns its causal mask to the first key, so a chunk that starts later is two parts, everything before it
/// and the triangle within it, joined by their normalizers. On the CPU the operator gives those at no cost.
AttentionResult fullOnCpu(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale)
{
    const std::int64_t n = q.size(1), total = keys.size(1), before = total - n, group = q.size(0) / keys.size(0);
    const at::Tensor q4 = grouped(q, keys.size(0));
    const auto part = [&](std::int64_t begin, std::int64_t end, bool causal) {
        return at::_scaled_dot_product_flash_attention_for_cpu(
            q4, shared(keys.slice(1, begin, end), group), shared(values.slice(1, begin, end), group), 0.0, causal, {}, scale);
    };
    if (n == 1) {
        const auto [output, lse] = part(0, total, false);
        return {output.reshape(q.sizes()), lse.reshape({q.size(0), n})};
    }
    auto [output, lse] = part(before, total, true);
    if (before > 0) {
        const auto [earlier, earlierLse] = part(0, before, false);
        // From their difference: beside a large sum the smaller part's weight would be lost in the rounding of the normalizers.
        const at::Tensor weight = at::sigmoid(lse - earlierLse).unsqueeze(-1);
        output = at::lerp(earlier, output, weight.to(output.scalar_type()));
        lse = at::logaddexp(lse, earlierLse);
    }
    return {output.reshape(q.sizes()), lse.reshape({q.size(0), n})};
}

/// Blocks of queries, each over the band of keys that it sees.
AttentionResult windowOnCpu(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, const AttentionRule& rule)
{
    const std::int64_t n = q.size(1), before = keys.size(1) - n, group = q.size(0) / keys.size(0);
    const std::int64_t rows = std::max(kLeastRows, rule.window);
    std::vector<at::Tensor> outputs, normalizers;
    for (std::int64_t begin = 0; begin < n; begin += rows) {
        const std::int64_t end = std::min(begin + rows, n), last = before + end;
        const std::int64_t first = firstKey(end - begin, last, rule.window);
        const at::Tensor mask = additiveMask(hiddenCells(end - begin, last - first, rule.window, q.device()), q.scalar_type());
        const auto [output, lse] = at::_scaled_dot_product_flash_attention_for_cpu(
            grouped(q.slice(1, begin, end), keys.size(0)), shared(keys.slice(1, first, last), group),
            shared(values.slice(1, first, last), group), 0.0, false, mask, rule.scale);
        outputs.push_back(output.reshape({q.size(0), end - begin, q.size(2)}));
        normalizers.push_back(lse.reshape({q.size(0), end - begin}));
    }
    return outputs.size() == 1 ? AttentionResult{outputs[0], normalizers[0]}
                               : AttentionResult{at::cat(outputs, 1), at::cat(normalizers, 1)};
}

} // namespace

AttentionResult cappedAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, const AttentionRule& rule)
{
    const std::int64_t n = q.size(1), before = keys.size(1) - n, heads = q.size(0);
    const std::int64_t rows = std::max<std::int64_t>(1, kBlockCells / (heads * keys.size(1)));
    AttentionResult result{at::empty({heads, n, q.size(2)}, q.options()), at::empty({heads, n}, q.options().dtype(at::kFloat))};
    for (std::int64_t begin = 0; begin < n; begin += rows) {
        const std::int64_t end = std::min(begin + rows, n), last = before + end;
        const std::int64_t first = firstKey(end - begin, last, rule.window);
        const auto band = [&](const at::Tensor& x) { return x.slice(1, first, last).to(at::kFloat).unsqueeze(1); };
        at::Tensor logits =
            at::matmul(grouped(q.slice(1, begin, end), keys.size(0)).to(at::kFloat), band(keys).transpose(-2, -1));
        logits.mul_(rule.scale);
        if (rule.softcap > 0)
            logits.div_(rule.softcap).tanh_().mul_(rule.softcap);
        logits.masked_fill_(hiddenCells(end - begin, last - first, rule.window, q.device()), kMinusInfinity);
        const at::Tensor lse = at::logsumexp(logits, -1);
        result.lse.slice(1, begin, end).copy_(lse.flatten(0, 1));
        logits.sub_(lse.unsqueeze(-1)).exp_();
        result.output.slice(1, begin, end).copy_(at::matmul(logits, band(values)).flatten(0, 1));
    }
    return result;
}

AttentionResult blockwiseAttention(const at::Tensor& q, const at::Tensor& allKeys, const at::Tensor& allValues,
                                   const AttentionRule& rule, bool wantLse)
{
    if (rule.softcap > 0)
        return cappedAttention(q, allKeys, allValues, rule);
    const std::int64_t n = q.size(1), first = firstKey(n, allKeys.size(1), rule.window);
    const at::Tensor keys = allKeys.slice(1, first), values = allValues.slice(1, first);
    const std::int64_t total = keys.size(1), group = q.size(0) / keys.size(0);
    const at::Tensor hidden = hiddenCells(n, total, rule.window, q.device());
    const at::Tensor q4 = grouped(q, keys.size(0));
    AttentionResult rows;
    rows.output = at::scaled_dot_product_attention(q4, shared(keys, group), shared(values, group),
                                                   additiveMask(hidden, q.scalar_type()), 0.0, false, rule.scale)
                      .reshape(q.sizes());
    if (!wantLse)
        return rows;
    rows.lse = at::empty({keys.size(0), group, n}, q.options().dtype(at::kFloat));
    for (std::int64_t head = 0; head < keys.size(0); ++head) {
        const at::Tensor logits = at::matmul(q4[head].to(at::kFloat), keys[head].to(at::kFloat).t()).mul_(rule.scale);
        rows.lse[head].copy_(at::logsumexp(logits.masked_fill_(hidden, kMinusInfinity), -1));
    }
    rows.lse = rows.lse.view({q.size(0), n});
    return rows;
}

AttentionResult causalAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, const AttentionRule& rule,
                                bool wantLse)
{
    if (rule.softcap > 0)
        return cappedAttention(q, keys, values, rule);
    if (!q.device().is_cpu())
        return blockwiseAttention(q, keys, values, rule, wantLse);
    return rule.window > 0 && rule.window <= keys.size(1) ? windowOnCpu(q, keys, values, rule)
                                                          : fullOnCpu(q, keys, values, rule.scale);
}

} // namespace winnow
