// SPDX-License-Identifier: GPL-3.0-or-later
// ZeroMerge: what leaves goes into a few slots that stand for many tokens.
// Liu et al. 2025, arXiv 2503.10714; SusCom-Lab/ZeroMerge.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// At its first choice keeps the best candidates and cuts the others, in their order, into `dense` runs, each of which its first
/// token stands for: mean key, mean value. From then on the lowest of the other slots goes into the run whose key has the largest
/// product with its own, by the number of tokens both stand for; the newest candidate does not go.
std::shared_ptr<const Selector> zeroMergeSelector(int dense);

const Preset& zeromergePreset();

} // namespace winnow
