// SPDX-License-Identifier: GPL-3.0-or-later
// Files of head scores in two layouts. HeadKV: a JSON object of lists by "layer-head"; a head's score is the mean of its list.
// DuoAttention: a line of numbers for each layer, one per KV head; its query heads share the score.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Parses a file's text; pure. Returns [layers, heads], scaled to sum to 1. Errors: neither layout, or another shape; one
/// sentence that begins with `where` and says what was expected.
Result<std::vector<double>> parseHeadScores(std::string_view text, std::string_view where, int layers, int heads);

/// Reads and parses a file. Further error: no such file.
Result<std::vector<double>> readHeadScores(const std::string& path, int layers, int heads);

} // namespace winnow
