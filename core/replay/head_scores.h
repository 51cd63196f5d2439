// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of head scores: HeadKV's, an object of lists of scores by "layer-head", a head's score being the mean of its list; and
// DuoAttention's, a line of numbers for each layer, one for each KV head, which its query heads share.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Pure: [layers, heads] of a file's text, made to sum to 1. Errors: neither of the two, another shape; one sentence that says
/// what was expected, which `where` opens.
Result<std::vector<double>> parseHeadScores(std::string_view text, std::string_view where, int layers, int heads);

/// The same of a file. Errors: besides, no such file.
Result<std::vector<double>> readHeadScores(const std::string& path, int layers, int heads);

} // namespace winnow
