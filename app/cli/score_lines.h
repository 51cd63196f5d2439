// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of answers on the terminal: what `winnow score` and `winnow ask` both end with.
#pragma once

#include "app/cli/console.h"
#include "core/tasks/score_table.h"

#include <string>
#include <vector>

namespace winnow::cli {

/// The profiles of these names, each once. An error with the code Usage for an unknown one.
Result<std::vector<const tasks::Profile*>> profilesNamed(const std::vector<std::string>& names);

/// Scores with the words of jieba's dictionary, where the answers need it and it is there. `jieba`: its folder; "": where Debian
/// has it.
Result<tasks::ScoreTable> scoredAnswers(const tasks::AnswerSet& set, tasks::ScoreOptions options, const std::string& jieba,
                                        const JobContext& job);

/// The table, a row for every series, task, part and score, a column for every profile and for what the answers say of
/// themselves; what was refused as warnings.
void tellScores(const tasks::ScoreTable& table, Console& console);

} // namespace winnow::cli
