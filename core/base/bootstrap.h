// SPDX-License-Identifier: GPL-3.0-or-later
// How sure a mean is.
#pragma once

#include <optional>
#include <span>

namespace winnow {

struct Interval {
    double low = 0, high = 0;
};

/// The middle 95 % of the means of 1,000 samples with replacement, always the same ones (percentile bootstrap). Nothing for fewer
/// than two values. Cost: 1,000 draws a value.
std::optional<Interval> bootstrapInterval(std::span<const double> values);

/// The same where neighbors are alike: blocks of `block` values that follow each other are drawn whole. Nothing for fewer than
/// two blocks. Cost: 1,000 draws a block.
std::optional<Interval> blockBootstrapInterval(std::span<const double> values, std::size_t block);

} // namespace winnow
