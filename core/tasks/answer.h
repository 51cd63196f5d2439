// SPDX-License-Identifier: GPL-3.0-or-later
// One answer of a model, with everything that is needed to score it again: the record that a run writes, a line of JSON each.
//
// The line is one object. Members, those that are text unless something else is said:
//
//   winnow         1, the version of this layout (number)
//   task           a name of `winnow tasks`
//   id             which example of the task; unique with series, task and turn
//   series         whose answer: a policy as typed with every default, a model, anything; "" or absent where there is only one
//   turn           which question about the same compressed context, from 0 (number)
//   prediction     what the model said, as decoded, not cleaned
//   references     the right answers [texts]; of a needle the sentence that was hidden comes last, what is asked for first
//   classes        names of all classes [texts], for classification
//   length         the example's length as its benchmark counts it (number), for LongBench-E's parts
//   difficulty, size    parts of LongBench v2: "easy" or "hard", "short", "medium" or "long"
//   depth          of a needle, per cent (number)
//   context_length of what was made here, the tokens that prompt and answer might have together (number)
//   query_aware    whether the policy saw the question before it evicted (true, false)
//   chat_template  whether the prompt went through the model's chat template (true, false)
//   cut            what was cut: "none", "middle", "end"
//   asked          the profile by which the question was asked
//   stored_slots   slots stored per lane behind the answer, on average (number)
//   cache_bytes    bytes of keys and values of all lanes then (number)
//   temperature    of the draws (number); absent: always the likeliest token
//   prompt_tokens, new_tokens, seed (numbers), model
//
// Absent members stand for what is not known. Other members are allowed and passed over. Lines are appended whole; a last line
// without its line end is one that a killed run did not finish: it does not count, but who goes on keeps it where it is whole.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::tasks {

struct Answer {
    std::string task, id, series, model, asked, cut;
    int turn = 0;
    std::string prediction;
    std::vector<std::string> references, classes;
    std::optional<double> length, depth, storedSlots, temperature;
    std::string difficulty, size;
    std::optional<bool> queryAware, chatTemplate;
    std::optional<std::int64_t> contextLength, cacheBytes, promptTokens, newTokens, seed;

    friend bool operator==(const Answer&, const Answer&) = default;
};

/// The key of an answer, unique in a file: series, task, id and turn.
std::string answerKey(const Answer& answer);

/// The answer as its line, with the line end. Text that is no UTF-8 (a last token cut within a character) is written with U+FFFD.
std::string answerLine(const Answer& answer);

} // namespace winnow::tasks
