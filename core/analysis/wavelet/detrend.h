// SPDX-License-Identifier: GPL-3.0-or-later
// What is taken from a signal before it is transformed. A transform that takes the signal as zero beyond its ends, or as a
// circle, sees a step there where the mean is not zero, and significance against noise means noise around zero. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <span>
#include <string_view>

namespace winnow {

enum class Detrend {
    None, ///< "none": the signal as it is
    Mean, ///< "mean": its mean over the positions
    Line, ///< "line": the straight line nearest to it by least squares
};

/// "none", "mean", "line", in the order of the enumerators.
std::span<const std::string_view> detrendNames();
std::string_view detrendName(Detrend detrend);
/// The one of that name, or an error that names the nearest.
Result<Detrend> findDetrend(std::string_view name);
/// ", mean removed", as captions say it; "" for None.
std::string_view detrendWords(Detrend detrend);

/// `values`: [length, channels], each channel alone; of fewer than two positions a line is the mean. What is left of a channel
/// that is no more than rounding becomes zero, so that a constant leaves nothing. Linear but for that.
void detrend(std::span<double> values, int channels, Detrend detrend);

} // namespace winnow
