// SPDX-License-Identifier: GPL-3.0-or-later
// How sure a mean of scores is.
#pragma once

#include <optional>
#include <span>

namespace winnow::tasks {

struct Interval {
    double low = 0, high = 0;
};

/// The middle 95 % of the means of 1,000 samples with replacement, always the same ones (percentile bootstrap). Nothing for fewer
/// than two values. Cost: 1,000 draws a value.
std::optional<Interval> bootstrapInterval(std::span<const double> values);

} // namespace winnow::tasks
