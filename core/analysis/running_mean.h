// SPDX-License-Identifier: GPL-3.0-or-later
// Curves over steps, smoothed for looking at. Pure, any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace winnow {

/// A window: the mean of all values so far, from the boundary on.
inline constexpr int kMeanSoFar = -1;

/// The mean over `window` values around every value, fewer at the ends; NaN entries are passed over, and stay NaN. Values before
/// `boundary` are not mixed with those from it on, so that a jump there stays one. `window` up to 1: the values. Cost: their
/// number.
std::vector<double> runningMean(std::span<const double> values, int window, int boundary);

/// Whether lines that are smoothed over `window` differ from their values.
inline bool isSmoothed(int window) { return window > 1 || window == kMeanSoFar; }
/// "running mean of 8 steps", "mean so far"; "" where the values are shown as they are.
std::string smoothingWords(int window);

} // namespace winnow
