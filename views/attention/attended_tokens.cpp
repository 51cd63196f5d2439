// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/attended_tokens.h"

#include <algorithm>
#include <numeric>

namespace winnow::views {

Result<AttendedTokens> attendedTokens(const Trace& trace, const LostTileQuery& query, int step, std::size_t most,
                                      const JobContext& job)
{
    AttentionQuery one = query.attention;
    one.queryBegin = Position{step};
    one.queryEnd = Position{step + 1};
    one.keyBegin = Position{0};
    one.keyEnd = Position{step + 1};
    one.rows = one.columns = 0;
    WINNOW_TRY(const AttentionTile row, attentionTile(trace, one, job));
    const PolicyReplay* policy = query.replay ? query.replay->policies[static_cast<std::size_t>(query.policy)].get() : nullptr;
    if (policy && step >= policy->stepsDone)
        policy = nullptr;
    AttendedTokens result{.step = step, .compared = policy != nullptr};
    const auto lost = [&](int token) { return policy && !policy->attends(query.layer, query.lane, token, step); };
    for (int token = 0; token <= step; ++token)
        (lost(token) ? result.lost : result.kept) += static_cast<double>(row.values[static_cast<std::size_t>(token)]);
    std::vector<int> order(static_cast<std::size_t>(step) + 1);
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](int a, int b) {
        const float first = row.values[static_cast<std::size_t>(a)], other = row.values[static_cast<std::size_t>(b)];
        return first != other ? first > other : a < b;
    });
    for (auto at = order.begin(); at != end; ++at)
        result.tokens.push_back({.token = *at,
                                 .share = row.values[static_cast<std::size_t>(*at)],
                                 .lost = lost(*at),
                                 .leftAt = policy ? policy->evictStep[policy->index(query.layer, query.lane, *at)] : -1});
    return result;
}

} // namespace winnow::views
