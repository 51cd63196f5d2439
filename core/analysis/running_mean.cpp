// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/running_mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace winnow {

std::vector<double> runningMean(std::span<const double> values, int window, int boundary)
{
    std::vector<double> smooth(values.begin(), values.end());
    if (!isSmoothed(window))
        return smooth;
    const int count = static_cast<int>(values.size()), before = window == kMeanSoFar ? count : (window - 1) / 2,
              after = window == kMeanSoFar ? 0 : window / 2;
    boundary = std::clamp(boundary, 0, count);
    std::vector<double> sums(values.size() + 1, 0), numbers(values.size() + 1, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool there = !std::isnan(values[i]);
        sums[i + 1] = sums[i] + (there ? values[i] : 0);
        numbers[i + 1] = numbers[i] + (there ? 1 : 0);
    }
    for (int i = 0; i < count; ++i) {
        if (std::isnan(values[static_cast<std::size_t>(i)]))
            continue;
        const int from = std::max(i < boundary ? 0 : boundary, i - before),
                  to = std::min(i < boundary ? boundary : count, i + after + 1);
        smooth[static_cast<std::size_t>(i)] = (sums[static_cast<std::size_t>(to)] - sums[static_cast<std::size_t>(from)]) /
                                              (numbers[static_cast<std::size_t>(to)] - numbers[static_cast<std::size_t>(from)]);
    }
    return smooth;
}

std::string smoothingWords(int window)
{
    if (!isSmoothed(window))
        return {};
    return window == kMeanSoFar ? std::string("mean so far") : fmt::format("running mean of {} steps", window);
}

} // namespace winnow
