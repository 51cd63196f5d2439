// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the best, and draws others by lot: the higher a slot's score, the likelier it stays. NACL: Chen et al. 2024, arXiv
// 2408.03675, section 3.3; Zefan-Cai/KVCache-Factory.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Of the slots that stay, all but `drawn` are those with the best scores. The `drawn` others are sampled without replacement,
/// with probabilities softmax(score / temperature) (Gumbel-top-k trick: Vieira 2014; Kool et al. 2019, arXiv 1903.06059). The
/// lots of a seed are the same on every machine.
std::shared_ptr<const Selector> drawnByScore(int drawn, double temperature, std::uint64_t seed);

} // namespace winnow
