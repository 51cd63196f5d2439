// SPDX-License-Identifier: GPL-3.0-or-later
// ZeroMerge: tokens that leave are merged into a few slots instead of being dropped.
// Liu et al. 2025, arXiv 2503.10714; SusCom-Lab/ZeroMerge.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// The first choice keeps the candidates with the highest scores. The others are cut, in the order of the text, into `dense` runs
/// of nearly equal length. The first token of a run stays and stands for the run: its key and value become the run's means.
/// At every later choice the lowest-scored slot that stands for nothing leaves (never the newest candidate). It is merged into
/// the standing slot whose key has the largest product with its key, both weighted by the number of tokens that they stand for.
std::shared_ptr<const Selector> zeroMergeSelector(int dense);

const Preset& zeromergePreset();

} // namespace winnow
