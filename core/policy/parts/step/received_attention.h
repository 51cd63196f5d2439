// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers by attention received over the whole prompt.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

enum class ReceivedAttention {
    Sum,            ///< H2O's accumulated attention, taken once (Zhang et al. 2023; KVCache-Factory's port)
    Mean,           ///< divided by the number of queries that could look: ObservedAttentionPress of NVIDIA/kvpress
    LastRow,        ///< of the newest query alone: TOVA's score (Oren et al. 2024)
    LastRowOfLayer, ///< the same, mean over all heads of the layer for every unit: TOVAPress of NVIDIA/kvpress
    SumAhead, ///< as Sum, but earlier queries look ahead: only the last `window` rows had a causal mask in the 2024 port of H2O
};
std::shared_ptr<const PromptScorer> receivedAttention(ReceivedAttention what, int window = 0);

} // namespace winnow
