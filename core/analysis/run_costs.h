// SPDX-License-Identifier: GPL-3.0-or-later
// Means of what runs (closed loop) measure by token. Plain numbers, any thread.
#pragma once

#include "core/base/bootstrap.h"
#include "core/replay/replay_result.h"

#include <optional>
#include <span>

namespace winnow {

/// The first token whose prediction a policy may have changed: what is said of token t is said at step t − 1, and the step that
/// ends the prompt still attends to all of it. The number of tokens where there is none.
int firstJudged(const ReplayResult& result);

/// Mean of the numbers from `first` on, NaN left out; nothing where there is none.
std::optional<double> meanOf(std::span<const float> values, int first);
/// Mean negative log-likelihood, in nats a token.
std::optional<double> meanLoss(std::span<const float> logprob, int first);
/// exp(loss)
std::optional<double> perplexityOf(const std::optional<double>& loss);
/// What a policy adds to the loss of the full cache, in nats a token, over the tokens that both judge.
struct AddedLoss {
    double mean = 0;
    std::optional<Interval> interval; ///< 95 %, over blocks of kLossBlock tokens
    std::int64_t tokens = 0;
};
inline constexpr std::size_t kLossBlock = 64;
/// Paired: the difference of the two at every token from `first` on. Nothing where there is none.
std::optional<AddedLoss> addedLoss(std::span<const float> logprob, std::span<const float> full, int first);
/// Bytes that keys and values took at most in the steps from `first` on; 0 where there are none.
std::uint64_t mostTaken(const RunCosts& costs, int first);

} // namespace winnow
