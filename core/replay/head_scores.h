// HeadKV's table of head scores: an object of lists of scores by "layer-head", a head's score being the mean of its list.
#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

namespace winnow {

/// [layers, heads], made to sum to 1. Errors: no such file, no JSON, another shape; one sentence that says what was expected.
Result<std::vector<double>> readHeadScores(const std::string& path, int layers, int heads);

} // namespace winnow
