// SPDX-License-Identifier: GPL-3.0-or-later
// Values of the options of figures: read as they are typed, and written so. Readers' errors are the end of a sentence that begins
// with the option's word: "takes a whole number of 0 or more, not 'x'". Pure, any thread.
#pragma once

#include "core/analysis/figures/figure_options.h"

#include <functional>
#include <limits>

namespace winnow::figure_values {

using Lanes = std::vector<Lane>; ///< none stand for all

inline constexpr std::string_view kSoFar = "so-far"; ///< of --smooth

template <class Value>
using ReadValue = std::function<Result<Value>(std::string_view typed)>;

/// A whole number of `least` or more, and no more than `most`.
ReadValue<int> whole(int least, int most = std::numeric_limits<int>::max());
/// Several of `least` or more, with commas between.
ReadValue<std::vector<int>> wholes(int least);
ReadValue<double> real(double least, double most);
/// One of the names; the error names the nearest.
ReadValue<std::string> oneOf(std::vector<std::string_view> names);
Result<IntRange> rangeIn(std::string_view typed);                ///< "0-5" or "3"
Result<std::vector<IntRange>> rangesIn(std::string_view typed);  ///< "0-5,11"
Result<Lanes> lanesIn(std::string_view typed);                   ///< "0.3,5.1" or "all"
Result<std::vector<FigureSpan>> spansIn(std::string_view typed); ///< "334-340=needle,512-519"
Result<int> smoothingIn(std::string_view typed);                 ///< steps of a running mean, or kSoFar

/// As the readers take them.
std::string textOf(int number);
std::string textOf(double number);
std::string textOf(const std::string& word);
std::string textOf(IntRange range);
std::string textOf(const std::vector<int>& numbers);
std::string textOf(const std::vector<IntRange>& ranges);
std::string textOf(const Lanes& lanes);
std::string textOf(const std::vector<FigureSpan>& spans);

} // namespace winnow::figure_values
