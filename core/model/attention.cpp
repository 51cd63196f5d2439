#include "core/model/attention.h"

#include <limits>

namespace winnow {
namespace {

/// Query heads as [Hkv, group, n, d]: with the KV head as the batch, a stride of 0 shares keys within the group without a copy.
at::Tensor grouped(const at::Tensor& q, std::int64_t keyHeads)
{
    return q.view({keyHeads, q.size(0) / keyHeads, q.size(1), q.size(2)});
}

at::Tensor shared(const at::Tensor& k, std::int64_t group)
{
    return k.unsqueeze(1).expand({k.size(0), group, k.size(1), k.size(2)});
}

/// The flash operator aligns its causal mask to the first key, so a chunk that starts later is two parts, everything before it
/// and the triangle within it, joined by their normalizers. On the CPU the operator gives those at no cost.
AttentionRows onCpu(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale)
{
    const std::int64_t n = q.size(1), total = keys.size(1), before = total - n, group = q.size(0) / keys.size(0);
    const at::Tensor q4 = grouped(q, keys.size(0));
    const auto part = [&](std::int64_t begin, std::int64_t end, bool causal) {
        return at::_scaled_dot_product_flash_attention_for_cpu(
            q4, shared(keys.slice(1, begin, end), group), shared(values.slice(1, begin, end), group), 0.0, causal, {}, scale);
    };
    auto [output, lse] = part(before, total, n > 1);
    if (before > 0) {
        const auto [earlier, earlierLse] = part(0, before, false);
        const at::Tensor whole = at::logaddexp(lse, earlierLse);
        const at::Tensor weight = at::exp(earlierLse - whole).unsqueeze(-1);
        output = at::lerp(output, earlier, weight.to(output.scalar_type()));
        lse = whole;
    }
    return {output.reshape(q.sizes()), lse.reshape({q.size(0), n})};
}

} // namespace

AttentionRows blockwiseAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale,
                                 bool wantLse)
{
    const std::int64_t n = q.size(1), total = keys.size(1), group = q.size(0) / keys.size(0);
    const at::Tensor hidden = at::ones({n, total}, q.options().dtype(at::kBool)).triu(total - n + 1);
    const at::Tensor mask = at::zeros({n, total}, q.options()).masked_fill_(hidden, -std::numeric_limits<float>::infinity());
    const at::Tensor q4 = grouped(q, keys.size(0));
    AttentionRows rows;
    rows.output = at::scaled_dot_product_attention(q4, shared(keys, group), shared(values, group), mask, 0.0, false, scale)
                      .reshape(q.sizes());
    if (!wantLse)
        return rows;
    rows.lse = at::empty({keys.size(0), group, n}, q.options().dtype(at::kFloat));
    for (std::int64_t head = 0; head < keys.size(0); ++head) {
        const at::Tensor logits = at::matmul(q4[head].to(at::kFloat), keys[head].to(at::kFloat).t()).mul_(scale);
        rows.lse[head].copy_(at::logsumexp(logits.masked_fill_(hidden, -std::numeric_limits<float>::infinity()), -1));
    }
    rows.lse = rows.lse.view({q.size(0), n});
    return rows;
}

AttentionRows causalAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale, bool wantLse)
{
    return q.device().is_cpu() ? onCpu(q, keys, values, scale) : blockwiseAttention(q, keys, values, scale, wantLse);
}

} // namespace winnow
