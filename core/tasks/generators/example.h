// SPDX-License-Identifier: GPL-3.0-or-later
// One example of a task that is made here, and how it is written: RULER's layout (index, input, outputs, length, answer_prefix)
// with what Winnow adds (task, turn, question, max_new_tokens, context_length, depth, seed), a line of JSON each.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::tasks {

/// The prompt is context + question + lead; a cache may be compressed behind the context, or behind the question.
struct Example {
    std::string task;
    std::size_t index = 0;
    int turn = 0; ///< which question about the same context, from 0
    std::string context, question, lead;
    std::vector<std::string> references; ///< right answers; of a needle the hidden sentence comes last
    std::size_t length = 0;              ///< tokens of the prompt and of what is generated, special tokens left out
    std::size_t room = 0;                ///< tokens that were asked for; `length` is what fitted
    int newTokens = 0;
    std::optional<double> depth; ///< per cent of the hay before the needle
    std::uint64_t seed = 0;

    std::string prompt() const { return context + question + lead; }
    friend bool operator==(const Example&, const Example&) = default;
};

/// With the line end.
std::string exampleLine(const Example& example);
/// A line as exampleLine() writes it, or of RULER's own files, which name no task and put the question into the input.
Result<Example> parseExample(std::string_view line, std::string_view task = {});

/// How many tokens a text has, special ones left out.
using TokenCount = std::function<Result<std::size_t>(std::string_view text)>;
/// Where each of its tokens ends [tokens], in bytes, ascending, at whole characters.
using TokenEnds = std::function<Result<std::vector<std::size_t>>(std::string_view text)>;

} // namespace winnow::tasks
