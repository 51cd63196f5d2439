// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/tensor_units.h"

namespace winnow {

MergedTokens::MergedTokens(const ReplayPlan& plan, const PolicyPlan& policy, const LayerTensors& rows)
    : m_heads(std::max(1, policy.headsPerUnit / plan.group()))
{
    const auto long64 = at::TensorOptions(at::kLong).device(rows.k.device());
    const bool perQuery = policy.units * m_heads > plan.keyHeads;
    const auto all = at::arange(plan.tokens, long64).unsqueeze(0).expand({plan.keyHeads, -1});
    const int copies = perQuery ? plan.group() : 1;
    m_keys = rows.rotated(rows.k, all).repeat_interleave(copies, 0).clone();
    m_values = rows.v.repeat_interleave(copies, 0).clone();
    m_tokens = at::ones({policy.units, plan.tokens}, rows.k.options());
    const auto head = at::arange(plan.queryHeads, long64);
    m_rowOfHead = (perQuery ? head : head.floor_divide(plan.group())).unsqueeze(1);
}

void MergedTokens::apply(const Merge& merge, int unit, const at::Tensor& positions)
{
    const auto from = positions[merge.from].item<std::int64_t>();
    const auto into = positions.slice(0, merge.into, merge.into + merge.count);
    const auto blend = [&](const at::Tensor& rows, float stays, float comes) {
        if (stays == 1 && comes == 0)
            return;
        const auto own = rows.slice(0, unit * m_heads, (unit + 1) * m_heads);
        own.index_copy_(1, into, own.index_select(1, into) * stays + own.select(1, from).unsqueeze(1) * comes);
    };
    blend(m_keys, merge.keyStays, merge.keyComes);
    blend(m_values, merge.valueStays, merge.valueComes);
    if (merge.keyComes != 0)
        m_tokens[unit][into[0].item<std::int64_t>()].add_(m_tokens[unit][from]);
}

MergedTokens::Slots::Slots(const MergedTokens& merged, int unit, const at::Tensor& positions)
    : m_keys(merged.m_keys.slice(0, unit * merged.m_heads, (unit + 1) * merged.m_heads)
                 .index_select(1, positions)
                 .to(at::kCPU)
                 .contiguous()),
      m_tokens(merged.m_tokens[unit].index_select(0, positions).to(at::kCPU, at::kInt).contiguous())
{
    keyHeads = merged.m_heads;
    headDim = static_cast<int>(m_keys.size(2));
}

} // namespace winnow
