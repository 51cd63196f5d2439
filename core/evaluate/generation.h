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
    /// Lifetimes over prompt, question and answer. The last of the T tokens was generated and never read; PolicyReplay::stepsDone
    /// says how many steps were run. Mass and error are not computed.
    PolicyReplay kept;
    std::uint64_t bytes = 0; ///< of the slots that are stored in the end, keys and values of all lanes
    double milliseconds = 0; ///< that a token of the answer took, the reading of prompt and question not counted
};

/// The prompt is read with full attention and every policy compresses it, as in a run. Each question is then answered from a copy
/// of the compressed cache, so the answers, [policies][questions], are the same as if each question were asked alone. All answers
/// use the same seed. `room`: tokens of the text for budgets in per cent and for rotary frequencies that depend on the length; at
/// least the prompt and the longest question with its answer. `options.tokens` is ignored. A budget larger than the text evicts
/// nothing. Errors as planRun's.
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
