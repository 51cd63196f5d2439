// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorer by the expected attention of future queries. These are modeled as Gaussian, with the mean and covariance of
// the prompt's queries, rotated to the next positions. Devoto, Jeblick, Jégou 2025, arXiv 2510.00636; ExpectedAttentionPress of
// NVIDIA/kvpress.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

struct ExpectedAttention {
    int future = 512; ///< positions ahead that the rotation is averaged over
    int sinks = 4;    ///< first tokens, left out of the statistics and of the softmax; the protection keeps them
    bool covariance = true;
    bool valueNorm = true; ///< the score is multiplied by the L2 norm of the value
    double epsilon = 0;    ///< added to the expected attention before that
};
std::shared_ptr<const PromptScorer> expectedAttention(const ExpectedAttention& options);

/// Expected logits [Hq, n] of keys [Hkv, n, d], in their type: `mean` [Hq, d] and `covariance` [Hq, d, d] of the rotated queries
/// (an empty one counts as 0). Cost: Hq n d² multiplications.
at::Tensor expectedLogits(const at::Tensor& mean, const at::Tensor& covariance, const at::Tensor& keys, double scale);

} // namespace winnow
