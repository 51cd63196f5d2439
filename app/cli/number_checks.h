// SPDX-License-Identifier: GPL-3.0-or-later
// Checks of typed numbers that CLI11's own let pass. Each returns what is wrong, as its validators do; "" where nothing is.
#pragma once

#include <string>

namespace winnow::cli {

/// CLI::Range lets NaN pass, which is neither below nor above it.
std::string realNumber(const std::string& typed);

/// For unsigned numbers: CLI11 takes -1, and what is too large, for the largest number there is.
std::string wholeFromZero(const std::string& typed);

/// CLI11 takes 0100 for octal, 64, which nobody means: leading zeros of whole numbers go. Changes `typed` and finds nothing
/// wrong.
std::string asDecimal(std::string& typed);

} // namespace winnow::cli
