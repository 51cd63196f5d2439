// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/lifetimes.h"

#include <algorithm>
#include <numeric>

namespace winnow {

std::int64_t LifetimeHistogram::count() const
{
    return std::accumulate(left.begin(), left.end(), std::int64_t{0}) +
           std::accumulate(stayed.begin(), stayed.end(), std::int64_t{0});
}

LifetimeHistogram lifetimesOf(const PolicyReplay& policy, std::span<const int> lanes, IntRange marked, int bins)
{
    LifetimeHistogram histogram;
    while ((policy.stepsDone + histogram.width - 1) / histogram.width > bins)
        histogram.width *= 2;
    const auto count = static_cast<std::size_t>((policy.stepsDone + histogram.width - 1) / histogram.width);
    histogram.left.assign(count, 0);
    histogram.stayed.assign(count, 0);
    for (const int lane : lanes)
        for (int token = 0; token < policy.stepsDone; ++token) {
            const std::int32_t left = policy.evictStep[policy.index(0, lane, token)];
            const int lifetime = (left < 0 ? policy.stepsDone - 1 : left) - token;
            ++(left < 0 ? histogram.stayed : histogram.left)[static_cast<std::size_t>(lifetime / histogram.width)];
            if (left >= 0 && token >= marked.first && token <= marked.second)
                histogram.marked.push_back(lifetime);
        }
    std::sort(histogram.marked.begin(), histogram.marked.end());
    return histogram;
}

} // namespace winnow
