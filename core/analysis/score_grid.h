// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of answers by length and depth, as a heat map shows them. Plain numbers; the code that scores answers (core/tasks) fills
// them in.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// The scores of a grid, by their names in `winnow tasks`: whether the answer is held; ROUGE-1, stemmed, with what was hidden;
/// the share of the answer's words that are held.
inline constexpr std::array<std::string_view, 3> kGridScores{"exact", "needle-stemmed", "needle-words"};
/// How pictures call them.
inline constexpr std::array<std::string_view, 3> kGridScoreTitles{"exact", "ROUGE-1", "words held"};

/// One series of answers to one task.
struct ScoreGrid {
    std::string series, task, model;
    std::vector<double> lengths, depths; ///< ascending; tokens, per cent
    std::vector<double> values;          ///< [scores, depths, lengths], 0 to 1; NaN where there is no answer
    std::vector<std::int32_t> counts;    ///< [depths, lengths], answers

    std::size_t cell(std::size_t depth, std::size_t length) const { return depth * lengths.size() + length; }
    double value(std::size_t score, std::size_t depth, std::size_t length) const
    {
        return values[score * counts.size() + cell(depth, length)];
    }
};

/// What the figure "needle" shows: a panel a series.
struct NeedleMaps {
    std::size_t score = 0; ///< of kGridScores
    std::vector<ScoreGrid> panels;
    std::vector<std::string> labels; ///< of the panels
};

} // namespace winnow
