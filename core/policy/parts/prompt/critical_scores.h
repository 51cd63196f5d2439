// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorer in two stages: half of the budget by another scorer, the rest by that score times the L1 norm of the value
// after the output projection. Feng et al. 2025, arXiv 2502.03805; CriticalKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

/// `share`: of the budget, chosen by `base` alone, which must score every token. Needs the trace's vo_norm.
std::shared_ptr<const PromptScorer> criticalScores(std::shared_ptr<const PromptScorer> base, double share, double epsilon);

/// The same where heads share a layer's slots: each head's best `floor` are safe, the largest base scores of all heads set the
/// heads' budgets, and within each the first `share` goes by the base, the rest by the product. Scores of what is chosen so are
/// lifted above all others. CriticalAdaKVPress of NVIDIA/kvpress.
std::shared_ptr<const PromptScorer> criticalAdaptiveScores(std::shared_ptr<const PromptScorer> base, double share, double epsilon,
                                                           double floor);

} // namespace winnow
