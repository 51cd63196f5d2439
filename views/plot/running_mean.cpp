// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/running_mean.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace winnow::views {

std::vector<double> runningMean(std::span<const double> values, int window, int boundary)
{
    std::vector<double> smooth(values.begin(), values.end());
    if (window <= 1 && window != kMeanSoFar)
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

QString smoothingWords(int window)
{
    return window == kMeanSoFar ? QObject::tr(" · mean so far")
           : window > 1         ? QObject::tr(" · running mean of %1 steps").arg(window)
                                : QString();
}

} // namespace winnow::views
