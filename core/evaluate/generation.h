// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of a model whose cache a policy keeps small.
#pragma once

#include "core/base/job_context.h"
#include "core/model/run/sampling.h"
#include "core/model/run/transformer.h"
#include "core/replay/replay_result.h"

#include <span>
#include <vector>

namespace winnow {

struct AnswerOptions {
    int tokens = 128; ///< of an answer, at most
    int chunk = 256;  ///< tokens of the prompt that run together
    Sampling sampling;
    std::vector<std::int32_t> ends; ///< ids that end an answer
};

/// What one policy let the model say.
struct PolicyAnswer {
    PolicySpec spec;               ///< resolved
    std::vector<std::int32_t> ids; ///< of the answer, its end token included
    bool ended = false;            ///< the model ended it; otherwise it was cut
    /// Who stayed, over prompt and answer; of T tokens, the last was said and not read. Steps that were not run: see
    /// PolicyReplay::stepsDone. No mass and no error.
    PolicyReplay kept;
};

/// The same prompt answered under every policy, one after the other; the same seed for each. The prompt is read with full
/// attention, then policies act as in a run whose prompt it is. Budgets in per cent are of the prompt and `tokens` together.
/// Errors as planRun's.
Result<std::vector<PolicyAnswer>> answerUnder(const Transformer& model, std::span<const std::int32_t> prompt,
                                              std::span<const PolicySpec> specs, const AnswerOptions& options,
                                              const JobContext& job);

/// The first token in which two answers differ; nothing where one is the beginning of the other.
std::optional<std::size_t> firstDifference(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

} // namespace winnow
