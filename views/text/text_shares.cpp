// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_shares.h"

#include "core/analysis/kept_share.h"
#include "views/state/lane_choice.h"

#include <algorithm>
#include <span>

namespace winnow::views {

void TextShares::setPolicies(const std::vector<int>& policies)
{
    m_shares.clear();
    for (const int policy : policies)
        m_shares.push_back({policy, false, {}});
    m_counted = {};
}

void TextShares::count(const ViewData& data, const SelectionState& state, Range range)
{
    m_counted = range;
    for (Shares& shares : m_shares) {
        const PolicyReplay* policy = computedAt(data, shares.policy, state.step);
        if (!policy)
            continue;
        const Range counted{range.begin, std::min(range.end, policy->tokens)};
        shares.bytes.assign(static_cast<std::size_t>(range.size()), kUnborn);
        if (counted.size() > 0)
            keptBytes(*policy, lanesOf(data, state, shares.policy), state.step, counted.begin,
                      std::span(shares.bytes).first(static_cast<std::size_t>(counted.size())));
        shares.computed = true;
    }
}

int TextShares::byteOf(int number, int firstToken, int lastToken) const
{
    const Shares& shares = m_shares[static_cast<std::size_t>(number)];
    const int first = std::max(firstToken, m_counted.begin), end = std::min(lastToken + 1, m_counted.end);
    if (!shares.computed || first >= end)
        return kUnborn;
    return strongestByte(std::span(shares.bytes)
                             .subspan(static_cast<std::size_t>(first - m_counted.begin), static_cast<std::size_t>(end - first)));
}

} // namespace winnow::views
