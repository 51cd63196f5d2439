// SPDX-License-Identifier: GPL-3.0-or-later
// The example behind an answer, made again: answers keep no prompts, but what is hidden in prose is drawn by its seed. Knows no
// widget; any thread.
#pragma once

#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/tasks/answer.h"

#include <filesystem>
#include <string>
#include <utility>

namespace winnow::app {

struct NeedleTrial {
    std::string text;                           ///< the prompt, and what the model answered
    int promptTokens = 0;                       ///< with those that the tokenizer adds
    std::pair<std::size_t, std::size_t> needle; ///< bytes of the sentence that holds the answer; both 0 = not found
    std::string name;                           ///< "facts 99, 2,048 tokens, depth 100 %"
};

/// For answers to needles, facts and lists as `winnow ask` makes them over its usual prose. `model`: whose tokens were counted.
/// Errors: another task, a prompt that was cut or put into a chat template, further turns, and an example that does not come out
/// as the answer says (another hay, another needle).
Result<NeedleTrial> needleTrial(const tasks::Answer& answer, const std::filesystem::path& model, const JobContext& job);

/// The sentence around [begin, end) of a text, in bytes.
std::pair<std::size_t, std::size_t> sentenceAround(std::string_view text, std::size_t begin, std::size_t end);

} // namespace winnow::app
