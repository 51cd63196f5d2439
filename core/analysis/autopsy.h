// SPDX-License-Identifier: GPL-3.0-or-later
// What became of a token, or of a range of tokens: how long every policy held it, in which lanes, and the attention that the full
// cache paid to it, before and after it left. Open loop. Any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/int_range.h"
#include "core/analysis/tables.h"
#include "core/analysis/verdict.h"
#include "core/base/job_context.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

namespace winnow {

struct AutopsyOptions {
    IntRange tokens{};         ///< first and last
    std::vector<int> policies; ///< numbers from 0; empty = all
    std::vector<Lane> lanes;   ///< replayed layer, KV head; empty = all
    int kvHeads = 0;           ///< per layer; 0 = the fewest lanes that any policy has. A trace knows it better
    std::vector<int> windows;  ///< sliding window of each replayed layer, 0 = none; empty = none has one. A trace knows it better
};

/// What became of the tokens in one lane of one policy.
struct LaneFate {
    int layer = 0, lane = 0; ///< replayed layer, lane of the policy
    int kept = 0;            ///< tokens that are stored to the end, of those looked at
    int leftAt = -1;         ///< step at which the last token that left did so; −1 = none left
    int token = -1;          ///< the token that left at that step; the two scores are about it
    bool byWindow = false;   ///< the model's own sliding window dropped it, as it does under every policy
    float score = 0;         ///< when it left; NaN where there is none
    float lowestKept = 0;    ///< lowest score among the tokens that could have left instead and stayed; NaN where there is none
    double asked = 0;   ///< attention of the full cache to the tokens in the steps after they left, summed over steps, mean over
                        ///< the lane's heads
    int askedSteps = 0; ///< number of steps after the first token left
    double most = 0;    ///< the largest such attention at one step
    int mostAt = -1;    ///< the step of `most`; −1 = no step follows

    std::optional<Verdict> verdict; ///< of `token`, by addVerdicts

    /// How far the score lies above the lowest that stayed; below 0: it was lower.
    double margin() const { return double(score) - double(lowestKept); }
};

struct Autopsy {
    struct Line {
        std::string label, spec;
        int policy = 0;               ///< number in the replay, from 0
        std::vector<double> survival; ///< [T], share of lanes that store the token after a step, mean over the tokens read by
                                      ///< then; NaN before the first is read and where not computed
        int goneBy = -1;              ///< step at which the last lane lost the last of the tokens; −1 = some are still there
        double atEnd = 0;             ///< survival at the last step that is computed
        std::vector<LaneFate> fates;  ///< of every chosen lane
    };
    IntRange tokens{};
    int prompt = 0;
    std::vector<Lane> lanes;           ///< KV heads looked at, ascending
    std::vector<int> layers;           ///< numbers of the model, of the replayed layers
    std::vector<double> mean, largest; ///< [T] attention that the full cache pays to the tokens together at a step: mean over the
                                       ///< chosen lanes' query heads, and the largest of them; NaN before the first is read
    std::vector<QueryHead> largestHead; ///< [T] the query head of `largest`; `layerIndex` counts the replayed layers
    std::vector<Line> lines;

    /// The step with the most attention of the largest head, among the steps after `after` and after the tokens' own; −1 where no
    /// step follows.
    int mostAskedAt(int after = -1) const;
};

/// The part of an autopsy that needs no attention. `mean`, `largest` and `largestHead` are empty; in the fates, `asked` and
/// `most` are NaN and `mostAt` is −1. Cost: policies × lanes × tokens looked at. Errors: no such tokens, policy or lane.
Result<Autopsy> lifetimesAutopsy(const ReplayResult& replay, const AutopsyOptions& options);

/// The whole autopsy. Cost: the queries of the chosen lanes' heads are read once, and steps × tokens looked at of their attention
/// is computed. Errors: a trace that is not the replay's, reading it, cancelled.
Result<Autopsy> autopsy(const Trace& trace, const ReplayResult& replay, const AutopsyOptions& options, const JobContext& job);

/// Fills the verdicts of the fates numbered `rows` whose token left by a choice that had scores; nothing where the policy has
/// none. Cost and errors: explainChoices.
Result<void> addVerdicts(const Trace& trace, const ReplayResult& replay, Autopsy::Line& line, std::span<const std::size_t> rows,
                         const JobContext& job);

/// Curves over steps, and the fate of every lane.
Tables autopsyTables(const Autopsy& autopsy);

} // namespace winnow
