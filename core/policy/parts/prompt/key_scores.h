// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers that look at keys and values only: no attention needed.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

/// Minus the L2 norm of the key. Devoto et al. 2024, arXiv 2406.11430.
std::shared_ptr<const PromptScorer> keyNorm();

/// Minus the cosine between a key and the mean of all unit keys: keys unlike the others stay. Park et al. 2025, arXiv 2504.15364;
/// KeyDiffPress of NVIDIA/kvpress.
std::shared_ptr<const PromptScorer> keyDifference();

/// Spread of a token's key and value channels, after scaling them by the range of the following `lag` tokens; ranks within
/// every `lag` tokens, so that many scores tie, unless `cross`: then the spreads themselves. Sinks and the last one to two lags
/// score 1. Liang et al. 2025, arXiv 2504.04704; LagKVPress of NVIDIA/kvpress. `rising`: the last lags score a little more the
/// newer a token is, so that the newest stay where there is no room for all.
std::shared_ptr<const PromptScorer> lagRelative(int sinks, int lag, bool cross = false, bool rising = false);

} // namespace winnow
