// SPDX-License-Identifier: GPL-3.0-or-later
// A table of scores as files: one row a series, task, part, profile and score, with what must stand beside every number. Pure.
#pragma once

#include "core/tasks/score_table.h"

#include <string>

namespace winnow::tasks {

/// Behind lines that begin with "#": the columns series, task, part, profile, score, n, value, low, high (95 %), scale,
/// query_aware, chat_template, cut, stored_slots, cache_bytes (these five as the answers say), profile_chat, profile_cut,
/// profile_question, new_tokens, source.
std::string scoresAsCsv(const ScoreTable& table);
/// The same members, {"format": "winnow-scores", "version": 1, "rows": […]}; null where nothing is known.
std::string scoresAsJson(const ScoreTable& table);

} // namespace winnow::tasks
