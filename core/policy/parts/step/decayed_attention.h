// SPDX-License-Identifier: GPL-3.0-or-later
// Scorer: attention received so far, older rows counting less or not at all. Scissorhands' module in Zefan-Cai/KVCache-Factory.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct DecayedAttention {
    double decay = 1; ///< every new row multiplies what came before by this
    int history = 0;  ///< only the newest `history` rows count; 0 = all
};
std::shared_ptr<const Scorer> decayedAttention(const DecayedAttention& options);

} // namespace winnow
