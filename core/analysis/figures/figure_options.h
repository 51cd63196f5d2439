// SPDX-License-Identifier: GPL-3.0-or-later
// The options of figures, and the one table that describes them: the command line parses words with it, and "copy as command"
// writes them with it. Pure, any thread.
#pragma once

#include "core/analysis/int_range.h"
#include "core/base/indices.h"
#include "core/base/result.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow {

/// What a figure is set against: the same options but for those that are given here (treekv-2, wavelet, lost-bands); of
/// retention, kept and text the policy alone, always as a difference.
struct FigureAgainst {
    std::optional<int> step;
    std::optional<int> layer, head;
    std::optional<std::vector<Lane>> lanes; ///< as FigureOptions::lanes; empty = all
    std::optional<int> policy;              ///< a number from 1
    bool difference = false;                ///< the first minus the second, else side by side
    bool any() const { return step || layer || head || lanes || policy; }
};

/// Tokens, first to last, with brackets and a name on a picture.
struct FigureSpan {
    IntRange tokens;
    std::string name;
    friend bool operator==(const FigureSpan&, const FigureSpan&) = default;
};

/// Names of what `--scale` takes; rank and clipped are of retention maps and kept strips.
inline constexpr std::array<std::string_view, 4> kColorScales{"linear", "log", "rank", "clipped"};

/// A figure reads those that its FigureKind names. The table below says how each is written on the command line.
struct FigureOptions {
    std::vector<int>
        steps; ///< wavelet figures: several are averaged; kept, text, jaccard, lane rows: one, the last of the replay unless said
    std::vector<IntRange> layers;         ///< numbers of the model; empty = all
    std::optional<int> layer, head;       ///< number of the model, query head
    std::optional<std::string> wavelet;   ///< haar unless said; of the transform cwt a continuous one, morlet6 unless said
    std::optional<std::string> transform; ///< see wavelet_catalog.h; the figure's own unless said
    std::string signal = "contribution";  ///< see lane_signal.h
    std::optional<double> omega0;         ///< of Morlet's wavelet, in place of its name
    double perOctave = 8;                 ///< scales in an octave
    std::string noise = "red";            ///< none, white, red or shuffled
    std::string mode = "symmetric";       ///< boundary mode
    std::optional<int> levels;            ///< the figure's own unless said
    std::optional<std::string> detrend;   ///< none, mean or line; unless said none, and mean of the transform cwt
    std::optional<int> shuffle;           ///< a seed: the tokens' values in another order, see lane_signal.h
    std::optional<int> hide;              ///< positions trimmed from both ends of a picture, never from its numbers; see hidden()
    int trim = 0;                         ///< positions left out of a scalogram at both ends before it is computed
    std::string metric = "mass";          ///< a name of metrics.h
    std::string score = "exact";          ///< of needle: a name of score_grid.h
    std::string cost = "loss";            ///< loss or kl: what runs are judged by
    std::string drift = "lifetimes";      ///< a measure of drift.h
    std::vector<int> policies;            ///< numbers from 1; empty = all
    std::vector<Lane> lanes;              ///< replayed or recorded layer (counted from 0), KV head; empty = all
    FigureAgainst against;
    std::optional<IntRange> queries, keys; ///< all unless said
    std::optional<IntRange> tokenRange;    ///< the columns of retention maps; the tokens of kept and text
    std::optional<IntRange> stepRange;     ///< rows of retention maps; steps that means run over
    std::optional<IntRange> meanSteps;     ///< steps that the means on retention maps run over; see meanSteps() unless said
    std::optional<int> smooth;             ///< length of the running mean of lines, see runningMean; the figure's own unless said
    std::optional<int> lostBy;             ///< attention: the policy, a number from 1, that has lost what is orange
    std::optional<int> focus;              ///< the policy, a number from 1, that stands out
    std::optional<int> token;              ///< a dashed line in retention maps and kept strips, a box in text
    std::optional<IntRange> brush;         ///< tokens that are marked in retention maps and kept strips
    bool bars = false;                     ///< text: one, with a bar for every policy below each token
    bool sides = false;                    ///< retention: one policy, its difference and the reference side by side
    std::vector<int> flags;                ///< tokens that a flag stands at over kept strips, for a note is there
    std::vector<FigureSpan> spans;         ///< marked in retention maps and kept strips
    bool laneRows = false;                 ///< rows of retention maps are lanes, at the step
    bool distanceAxis = false;             ///< columns of retention maps are distances from the step
    int page = 16;                         ///< tokens of a page of memory: deployable
    std::optional<std::string> paper;      ///< a table of resources/papers; all unless said
    std::string scale = "linear";          ///< of colors: one of kColorScales
    bool maskSinks = false;                ///< the first four keys are left out of the picture
    double width = 5.5;                    ///< inches
    double dpi = 600;                      ///< of PNG and of maps inside SVG and PDF

    /// 32 unless said.
    int hidden() const { return hide.value_or(32); }
    bool isLogScale() const { return scale == "log"; }
};

/// A line of the table of options.
struct FigureOption {
    std::string word; ///< "--step"
    std::string type; ///< of its value, as the help names it: "T"; "" = a flag, which has none
    std::string help;
    std::string initial;      ///< the default, as the help shows it; "" = nothing to show
    bool list = false;        ///< takes several values, with commas or as several words
    bool pictureOnly = false; ///< changes pictures and no numbers
    /// Reads the value. Errors say what it takes, as the end of a sentence that begins with the word; the nearest right name
    /// among it.
    std::function<Result<void>(std::string_view typed, FigureOptions& options)> parse;
    /// The value as it is typed; unset where it equals the default. For a flag that is set: "".
    std::function<std::optional<std::string>(const FigureOptions& options)> print;
};

/// All options of figures, in the order in which commands write them.
std::vector<FigureOption> figureOptionTable();

} // namespace winnow
