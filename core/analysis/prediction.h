// SPDX-License-Identifier: GPL-3.0-or-later
// How well replays predict runs: a metric of every policy's replay (open loop) against the cost of its run (closed loop), one
// point per policy and budget that evicts, and their rank correlation. Pure, any thread.
#pragma once

#include "core/analysis/curves.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

struct Prediction {
    struct Point {
        std::string label, spec;
        int run = 0, replay = 0; ///< numbers in the result
        double predicted = 0;    ///< of the replay, mean over lanes and steps
        double cost = 0;         ///< of the run, mean over the judged tokens, or over those of the chosen steps
    };
    const Metric* metric = &Metric::Mass; ///< of the replays
    const Metric* cost = &Metric::Loss;   ///< of the runs
    StepSpan range;                       ///< the steps that means of the replays run over, alike for all
    std::vector<Point> points;
    int runs = 0;               ///< runs that were looked at; a run that has no replay, or has not ended, gives no point
    std::optional<double> full; ///< the loss of the full cache over the same tokens; nothing for other costs
    /// rankCorrelation of a worse predicted value with more cost: 1 = the replays order the policies as the runs do, as
    /// Foretelling has it; nothing for fewer than three points, or where one side is all equal.
    std::optional<double> rank;
};

/// `cost`: a metric of the model. `options`: policies whose runs are shown, lanes and steps of the means.
Result<Prediction> predictionOf(const ReplayResult& both, const Metric& metric, const Metric& cost, const CurveOptions& options);

/// "less mass with more loss: rank correlation 0.94 of 6 points (…)", or why there is none.
std::string rankWords(const Prediction& prediction);

} // namespace winnow
