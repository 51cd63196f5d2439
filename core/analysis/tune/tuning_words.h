// SPDX-License-Identifier: GPL-3.0-or-later
// What a search of a policy's parameters found, in sentences. The command line and the window say the same. Pure, any thread.
#pragma once

#include "core/analysis/tune/tuning.h"

#include <string>
#include <vector>

namespace winnow {

/// "18 settings tried of 18": how much was searched, and how the search ended.
std::string searchWords(const Tuning& tuning);
/// "error 0.4121 -> 0.3987, better by 0.0134 [0.0101, 0.0167] (1 text, 1,024 steps)".
std::string gainWords(const TuneGain& gain, const Metric& metric);
/// How far the gain is to be believed, a sentence each without its full stop: what was held out, and what part of it is memory.
std::vector<std::string> tuningRemarks(const Tuning& tuning);

} // namespace winnow
