// SPDX-License-Identifier: GPL-3.0-or-later
// Files of answers as commands read them.
#pragma once

#include "app/cli/console.h"
#include "core/analysis/score_grid.h"
#include "core/tasks/answer_reader.h"

#include <string>
#include <vector>

namespace winnow::cli {

/// "'a.jsonl', line 3 holds …" as warnings, the first few and how many more.
void tellBad(const std::string& file, const std::vector<tasks::BadLine>& bad, Console& console);

/// A file of answers, or standard input for "-". `task`: of lines that name none; "": what the file's name says. Bad lines are
/// told and passed over; a file without a good one is an error, as is one of another kind.
Result<tasks::AnswerSet> readAnswers(const std::string& file, const std::string& task, Console& console);

/// The answers of all files that say a length and a depth, as grids of scores (core/tasks/needle_grid.h). An error where there
/// are none.
Result<std::vector<ScoreGrid>> readScoreGrids(const std::vector<std::string>& files, Console& console);

/// The same of answers that were read; empty where none says a length and a depth.
std::vector<ScoreGrid> scoreGrids(const std::vector<tasks::Answer>& answers);

} // namespace winnow::cli
