// SPDX-License-Identifier: GPL-3.0-or-later
// The same answers scored under several profiles: mean, count and confidence interval for every series, task, profile and score.
#pragma once

#include "core/base/bootstrap.h"
#include "core/base/job_context.h"
#include "core/tasks/answer_reader.h"
#include "core/tasks/profiles.h"

#include <span>

namespace winnow::tasks {

struct ScoreOptions {
    std::vector<const Profile*> profiles;       ///< empty: every one that has a rule for the task
    std::shared_ptr<const Segmenter> segmenter; ///< for Chinese; without one its scores are refused by name
    bool parts = false;                         ///< also by length (LongBench), difficulty and size (v2), turn, depth (needles)
};

/// What may be the same for all answers of a number, or not, or not be known.
enum class Said { Unsaid, Yes, No, Mixed };

struct ScoreRow {
    std::string series, task, part; ///< part: "" for all answers
    const Profile* profile = nullptr;
    const ScoreKind* score = nullptr; ///< null: the mean over tasks
    TaskRule rule;
    std::size_t count = 0;
    double value = 0; ///< scaled, as published tables tell it
    std::optional<Interval> interval;
    Said queryAware = Said::Unsaid, chatTemplate = Said::Unsaid;
    std::string cut;                               ///< as the answers say; "" where they do not, "mixed"
    std::optional<double> storedSlots, cacheBytes; ///< means over the answers that say them
};

/// An answer that lacks what a score needs.
struct UnjudgedAnswer {
    std::size_t answer = 0; ///< which of the set
    std::string why;        ///< the rest of a sentence that begins with the line
};

struct ScoreTable {
    std::vector<ScoreRow> rows;           ///< by series, task, part and profile, in the order in which the answers name them
    std::vector<std::string> refused;     ///< sentences: tasks that no asked profile can score
    std::vector<UnjudgedAnswer> unjudged; ///< they count in no row of the score
};

/// `set.answers` in their order. On all cores. Cost: that of the scores; 1,000 draws an answer and row.
Result<ScoreTable> scoreAnswers(const AnswerSet& set, const ScoreOptions& options, const JobContext& job);

/// Whether any of these answers has a score that needs a segmenter.
bool wantsSegmenter(const AnswerSet& set);

std::string_view saidTitle(Said said);

} // namespace winnow::tasks
