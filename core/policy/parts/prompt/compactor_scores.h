// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers of Compactor: Chari, Van Durme 2025, arXiv 2507.08143; NonCausalAttnPress, LeverageScorePress and
// CompactorPress of NVIDIA/kvpress. All are made per KV head and standardized over all KV heads of a layer together.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

/// Attention that a token receives inside its chunk when every query looks at every key, times the length of the value, averaged
/// over three neighbors. Logits are products that are not scaled, as in the press.
struct NonCausalAttention {
    int chunk = 256;
    /// Padding of a short last chunk counts, as in the press: its keys are looked at, and its queries look at all evenly.
    bool paddingCounts = true;
};
std::shared_ptr<const PromptScorer> nonCausalAttention(const NonCausalAttention& options);

/// The statistical leverage of a key, before its rotation, among the centered keys of the prompt. It is high where the other keys
/// cannot reproduce the key.
struct LeverageScores {
    int sketch = 48; ///< dimensions of the random projection; 0 = none, exact
    std::uint64_t seed = 0;
};
std::shared_ptr<const PromptScorer> leverageScores(const LeverageScores& options);

/// Non-causal attention plus `blend` times leverage, of the tokens between `sinks` and the last `recent`, which are lifted above
/// all others.
struct CompactorScores {
    NonCausalAttention attention{};
    LeverageScores leverage{};
    int sinks = 8, recent = 4;
    double blend = -1; ///< negative: the share of the prompt that leaves, as in the press
};
std::shared_ptr<const PromptScorer> compactorScores(const CompactorScores& options);

} // namespace winnow
