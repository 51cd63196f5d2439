// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of a model whose cache a policy keeps small: to a prompt, or to several questions about one.
#pragma once

#include "core/base/job_context.h"
#include "core/model/run/sampling.h"
#include "core/model/run/transformer.h"
#include "core/replay/replay_result.h"

#include <functional>
#include <span>
#include <vector>

namespace winnow {

struct AnswerOptions {
    int tokens = 128; ///< of an answer, at most
    int chunk = 256;  ///< tokens of the prompt that run together
    Sampling sampling;
    std::vector<std::int32_t> ends; ///< ids that end an answer
    /// Whether the prompt is kept as the model computed it (PromptTape), so that it is read once for all policies and questions;
    /// otherwise once for each. The answers are the same.
    bool keepPrompt = true;
};

/// A question about a prompt that was read and compressed. Its tokens go through the policy's cache one by one; without tokens
/// the prompt itself asks.
struct TokenQuestion {
    std::vector<std::int32_t> tokens;
    int answer = 128; ///< tokens of its answer, at most
    /// Asked after every token of the answer: whether it ends here. Empty: only an end token ends it.
    std::function<bool(std::span<const std::int32_t> said)> said = {};
};

/// What one policy let the model say.
struct PolicyAnswer {
    PolicySpec spec;               ///< resolved
    std::vector<std::int32_t> ids; ///< of the answer, its end token included
    bool ended = false;            ///< the model, or `said`, ended it; otherwise it was cut
    /// Who stayed, over prompt, question and answer; of T tokens, the last was said and not read. Steps that were not run: see
    /// PolicyReplay::stepsDone. No mass and no error.
    PolicyReplay kept;
    std::uint64_t bytes = 0; ///< of the slots that are stored in the end, keys and values of all lanes
    double milliseconds = 0; ///< that a token of the answer took, the reading of prompt and question not counted
};

/// The prompt is read with full attention and every policy compresses it, as in a run whose prompt it is; every question is then
/// answered from that cache as it was behind the prompt, whatever was asked before: [policies][questions], the same as each asked
/// alone. The same seed for each. The text of all has `room` tokens, which budgets in per cent and rotary frequencies that depend
/// on the length go by: as many as the prompt and the longest question with its answer, or more. `tokens` of `options` is
/// not looked at. A budget that the text does not fill evicts nothing. Errors as planRun's.
Result<std::vector<std::vector<PolicyAnswer>>> askUnder(const Transformer& model, std::span<const std::int32_t> prompt,
                                                        std::span<const TokenQuestion> questions, int room,
                                                        std::span<const PolicySpec> specs, const AnswerOptions& options,
                                                        const JobContext& job);
/// Prompt and the longest question with its answer.
int roomFor(std::size_t prompt, std::span<const TokenQuestion> questions);

/// The same prompt answered under every policy, one after the other; the same seed for each. Budgets in per cent are of the
/// prompt and `tokens` together. Errors as planRun's.
Result<std::vector<PolicyAnswer>> answerUnder(const Transformer& model, std::span<const std::int32_t> prompt,
                                              std::span<const PolicySpec> specs, const AnswerOptions& options,
                                              const JobContext& job);

/// The first token in which two answers differ; nothing where one is the beginning of the other.
std::optional<std::size_t> firstDifference(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

} // namespace winnow
