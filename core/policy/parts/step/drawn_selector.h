// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the best and draws a part by lot, the likelier the higher the score. NACL: Chen et al. 2024, arXiv 2408.03675,
// section 3.3; Zefan-Cai/KVCache-Factory.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// `drawn` of the slots that stay are sampled without replacement from what is not among the best, with probabilities
/// softmax(score / temperature) (Gumbel-top-k trick: Vieira 2014; Kool et al. 2019, arXiv 1903.06059). The same on every machine.
std::shared_ptr<const Selector> drawnByScore(int drawn, double temperature, std::uint64_t seed);

} // namespace winnow
