// SPDX-License-Identifier: GPL-3.0-or-later
// Scorers that add up the attention a token received: the sum S (H2O) and the mean S/C (TreeKV), C being the number of queries
// that have seen the token, its own included.
// H2O: Zhang et al. 2023, arXiv 2306.14048, the "real drop" class of FMInference/H2O. TreeKV: He et al. 2025, arXiv 2501.04987,
// Algorithm 1. Sums are kept in double: a cache may see tens of thousands of rows.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

std::shared_ptr<const Scorer> accumulatedAttention();
/// `promptWindow` > 0: of the prompt only its last so many queries count.
std::shared_ptr<const Scorer> meanAttention(int promptWindow = 0);

} // namespace winnow
