// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers of the SnapKV family: the attention of the prompt's last `window` queries (the observation window), pooled
// over neighboring tokens. Li et al. 2024, arXiv 2404.14469, section 4; FasterDecoding/SnapKV. Pooling has stride 1 and torch's
// edge rules: `avg` counts padding zeros in its divisor, padding never wins `max`. The window's own tokens are not scored: they
// have NaN.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

enum class Pooling { Max, Average };

struct ObservationWindow {
    int window = 32;
    int kernel = 7; ///< odd; 1 = no pooling
    Pooling pooling = Pooling::Max;
    bool reduceFirst = true; ///< reduce the query heads of a unit before pooling (else after; they differ for max pooling)
    bool mean = false;       ///< the mean over the window, not the sum: for scores that are compared with scores of another kind
    /// Adds this times the variance (divisor window − 1) over the queries to their mean: CAKE's indicator (Qin et al. 2025,
    /// section 4.3). Without it the score is the sum over the window.
    std::optional<double> varianceWeight{};
    bool weighsRows = false; ///< each row counts by the tokens before it (FINCH)
    /// Number type in which scores are computed and summed, as in a run of the reference code in half precision: keys and
    /// queries, logits, rows, their sum and the pooled scores are all rounded to it. `Model`: the type that the model ran in.
    /// These logits have no softcap.
    enum class Numbers { Float32, Model, Float16, Bfloat16 };
    Numbers numbers = Numbers::Float32;
};
std::shared_ptr<const PromptScorer> observationWindow(const ObservationWindow& options);

/// One-dimensional pooling over the last dimension, as described above; the shape stays.
at::Tensor poolScores(const at::Tensor& scores, int kernel, Pooling pooling);

} // namespace winnow
