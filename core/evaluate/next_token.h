// SPDX-License-Identifier: GPL-3.0-or-later
// Scores a run's predictions of the next token: their log-probabilities, and how far they lie from the full cache's predictions.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// By token, as a trace's `logprob`: entry t scores the prediction of token t that was made at step t − 1. NaN at 0, and where
/// nothing was predicted.
struct NextTokenScores {
    std::vector<float> logprob; ///< natural log of p(token t | tokens before it)
    std::vector<float> kl;      ///< Σ p ln(p / p') over the vocabulary, in nats: p of the full cache, p' of this run
    std::vector<float> agrees;  ///< 1 where the likeliest token is the full cache's, 0 where it is another
};

/// Scores of a text of `tokens` before anything was predicted: all NaN.
NextTokenScores emptyScores(int tokens);

/// `logits` [n, vocabulary]: row r was computed at step `begin` + r, and judges token `begin` + r + 1 of `tokens`; the row of the
/// last token judges none. `full`: the full cache's rows of the same steps, or undefined, which leaves kl and agrees as they are.
/// Computed in double where there is a difference to see. Cost: a few passes over the rows.
void scoreRows(std::span<const std::int32_t> tokens, int begin, const at::Tensor& logits, const at::Tensor& full,
               NextTokenScores& scores);

} // namespace winnow
