// SPDX-License-Identifier: GPL-3.0-or-later
// Needles in a haystack as their heat map shows them: lengths × depths, under three scores, since published maps show different
// ones. Pure; any thread.
#pragma once

#include "core/tasks/answer.h"

#include <array>
#include <span>
#include <utility>

namespace winnow::tasks {

struct ScoreKind;

/// The three scores: whether the prediction contains the answer; KVCache-Factory's stemmed ROUGE-1 with the needle; the share of
/// the answer's words that the prediction contains.
inline constexpr std::size_t kNeedleScores = 3;
const std::array<const ScoreKind*, kNeedleScores>& needleScores();

/// The answers to one length and depth.
struct NeedleCell {
    std::vector<std::size_t> answers;           ///< which of those that were given; empty: none
    std::array<double, kNeedleScores> scores{}; ///< their mean, 0 to 1, in the order of needleScores()
};

/// One series of answers to one task. The length is `context_length`, or `length` where an answer does not say that.
struct NeedleGrid {
    std::string series, task;
    std::vector<double> lengths, depths; ///< ascending; depths in per cent
    std::vector<NeedleCell> cells;       ///< [depths, lengths]

    const NeedleCell& at(std::size_t depth, std::size_t length) const { return cells[depth * lengths.size() + length]; }
};

/// One grid for each series and task, in the order in which the answers name them. Only answers to needle, facts and lists that
/// say length and depth count, and of these only first turns, since the depth is that of the first question. All grids have the
/// same lengths and depths. Cost: that of the scores.
std::vector<NeedleGrid> needleGrids(std::span<const Answer> answers);

/// Where in a prompt the sentence stands that an answer's example hides, in bytes: first and behind the last. Nothing where the
/// prompt does not hold it.
std::optional<std::pair<std::size_t, std::size_t>> hiddenPlace(std::string_view prompt, const Answer& answer);

/// An answer as the scripts of needle tests write one, an object a file: model, context_length, depth_percent, version, needle,
/// model_response, score (ten times the stemmed ROUGE-1, as KVCache-Factory c97f9d7 has it); with the series, the three scores by
/// name and the expected answer besides. `answer` is one of a grid.
std::string needleCellJson(const Answer& answer);
/// "treekv-budget-128_len_2048_depth_5000.json", named as those scripts do (the depth in hundredths of a per cent).
std::string needleCellName(const Answer& answer);

} // namespace winnow::tasks
