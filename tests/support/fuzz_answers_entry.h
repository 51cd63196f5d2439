// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzzer of answers calls with arbitrary bytes, and tests/tasks with mutated seeds.
#pragma once

#include "core/base/check.h"
#include "core/tasks/score_table.h"

#include <cmath>
#include <cstdint>
#include <string_view>

namespace winnow {

/// Any bytes as a file of answers: those that are read are written and read again as they were, and every score lies in its
/// range.
inline void fuzzAnswers(const std::uint8_t* data, std::size_t size)
{
    const tasks::AnswerSet set = tasks::parseAnswers({reinterpret_cast<const char*>(data), size}, {"hotpotqa", "file"});
    WINNOW_CHECK(set.lines.size() == set.answers.size(), "{} lines", set.lines.size());
    for (const tasks::BadLine& bad : set.bad)
        WINNOW_CHECK(!bad.why.empty() && bad.line > 0, "a bad line without a sentence");
    for (const tasks::Answer& answer : set.answers) {
        const auto again = tasks::parseAnswer(tasks::answerLine(answer), {});
        WINNOW_CHECK(again.has_value() && *again == answer, "not read back: {}", tasks::answerLine(answer));
    }
    const auto table = tasks::scoreAnswers(set, {.parts = true}, {});
    WINNOW_CHECK(table.has_value(), "not scored");
    for (const tasks::ScoreRow& row : table->rows)
        WINNOW_CHECK(row.value >= 0 && row.value <= 100.0000001, "{} {}: {}", row.task, row.profile->name, row.value);
}

} // namespace winnow
