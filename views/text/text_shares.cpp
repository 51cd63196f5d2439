// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_shares.h"

#include "core/analysis/kept_share.h"
#include "core/analysis/overlap.h"
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
    m_difference = false;
}

void TextShares::count(const ViewData& data, const SelectionState& state, Range range)
{
    m_counted = range;
    const auto reference = m_shares.empty() ? std::nullopt : state.comparedWith(m_shares.front().policy);
    m_difference = reference.has_value();
    for (Shares& shares : m_shares) {
        const PolicyReplay* policy = computedAt(data, shares.policy, state.step);
        shares.computed = false;
        if (!policy)
            continue;
        if (m_difference && &shares == &m_shares.front()) {
            countDifference(data, state, *reference);
            continue;
        }
        const Range counted{range.begin, std::min(range.end, policy->tokens)};
        shares.bytes.assign(static_cast<std::size_t>(range.size()), kUnborn);
        if (counted.size() > 0)
            keptBytes(*policy, lanesOf(data, state, shares.policy), state.step, counted.begin,
                      std::span(shares.bytes).first(static_cast<std::size_t>(counted.size())));
        shares.computed = true;
    }
}

void TextShares::countDifference(const ViewData& data, const SelectionState& state, int reference)
{
    Shares& focus = m_shares.front();
    const PolicyReplay *policy = computedAt(data, focus.policy, state.step), *other = computedAt(data, reference, state.step);
    m_diverging.clear();
    if (!policy || !other)
        return; // hatched: there is nothing to set it against
    const LanePairs pairs = pairsOf(data, state, focus.policy, reference);
    const int end = std::min(m_counted.end, policy->tokens);
    m_cells.assign(static_cast<std::size_t>(std::max(0, m_counted.size())), kDifferenceUnborn);
    if (end > m_counted.begin) {
        const auto cells = differenceCells(*policy, *other, pairs, state.step, m_counted.begin, end - m_counted.begin);
        std::copy(cells.begin(), cells.end(), m_cells.begin());
        m_diverging = divergingTokens(*policy, *other, pairs, state.step, m_counted.begin, end);
    }
    focus.computed = true;
}

DifferenceCell TextShares::cellOf(int firstToken, int lastToken) const
{
    const int first = std::max(firstToken, m_counted.begin), end = std::min(lastToken + 1, m_counted.end);
    if (!m_difference || !isComputed(0) || first >= end)
        return kDifferenceUnborn;
    return strongestCell(
        std::span(m_cells).subspan(static_cast<std::size_t>(first - m_counted.begin), static_cast<std::size_t>(end - first)));
}

bool TextShares::diverges(int firstToken, int lastToken) const
{
    if (!m_difference)
        return false;
    const auto found = std::lower_bound(m_diverging.begin(), m_diverging.end(), firstToken);
    return found != m_diverging.end() && *found <= lastToken;
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
