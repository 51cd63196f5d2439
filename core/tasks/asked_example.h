// SPDX-License-Identifier: GPL-3.0-or-later
// An example as a profile asks it: the prompt in its three parts, and the answer that waits for what the model will say. This is
// where a run begins; answer_log.h is where it ends.
#pragma once

#include "core/tasks/answer_reader.h"
#include "core/tasks/profiles.h"

namespace winnow::tasks {

/// The prompt is context + question + lead. Under QuestionPlace::BehindContext the cache is compressed behind the context.
struct AskedExample {
    std::string context, question, lead;
    TaskRule rule;
    Answer answer; ///< all but prediction, series, model and what the run adds; `asked` names the profile

    std::string prompt() const { return context + question + lead; }
};

struct AskedSet {
    std::vector<AskedExample> examples;
    std::vector<BadLine> bad;
};

/// Lines of data: LongBench's and LongBench v2's (with the wording of the task), RULER's and those that `winnow tasks` makes
/// (input, answer_prefix), kvpress's (context, question, answer_prefix), SCBench's (context, multi_turns; each turn is an
/// example). An example without an id has that of its line. Bad lines are passed over and named. Pure.
AskedSet askExamples(std::string_view text, const AnswerSource& source, const Profile& profile);

} // namespace winnow::tasks
