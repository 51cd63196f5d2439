// SPDX-License-Identifier: GPL-3.0-or-later
// Scorer: the newest query's attention row, or the mean of the newest few, without further memory. TOVA: Oren et al. 2024, arXiv
// 2401.06104, section 3.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// A `kernel` above 1 is CAKE's choice while decoding: a score is the mean over `kernel` neighboring slots, where places beyond
/// the ends count as 0. The last `window` slots are then not scored: they have NaN.
struct LastRow {
    int kernel = 1; ///< odd
    int window = 0;
    int rows = 1; ///< newest rows that are averaged, where a forward pass handles several tokens
};
std::shared_ptr<const Scorer> lastRow(const LastRow& options = {});

} // namespace winnow
