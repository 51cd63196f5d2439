// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of one step: which tokens every policy still has (the deck, and the text itself), and a measure of every lane (the
// head map). Open loop. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/curves.h"
#include "core/analysis/difference.h"
#include "core/analysis/int_range.h"
#include "core/trace/trace.h"

#include <cstdint>
#include <memory>

namespace winnow {

struct RetentionPicture;

/// Which tokens every policy still has after one step: the deck (`kept`) and the text (`text`, with `info`).
struct KeptPicture {
    struct Row {
        std::string label, spec;
        int policy = 0;                    ///< number in the replay, from 0
        std::vector<double> share;         ///< [tokens] of the chosen lanes, 0…1
        std::vector<std::uint8_t> bytes;   ///< [tokens] as in retention.h: by choice, by rule, not read, out of reach
        std::vector<DifferenceCell> cells; ///< [tokens] against the reference, see difference.h; empty without one, and of itself
        std::vector<double> thisOnly, referenceOnly; ///< [tokens] shares of the chosen lanes; likewise
    };
    int step = 0;
    IntRange tokens{};
    std::vector<Row> rows;
    int reference = -1;                    ///< number of the policy that the rows are set against; −1 = none
    std::shared_ptr<const TraceInfo> info; ///< for the words; null without a trace
    /// The maps among whose cells the colors rank; null at other scales.
    std::shared_ptr<const RetentionPicture> maps;
};

/// A metric of every lane, mean over `range`: the head map.
struct LanePicture {
    struct Panel {
        std::string label, spec;
        int policy = 0, lanes = 0;
        std::vector<double> values; ///< [layers, lanes], NaN where not computed
    };
    const Metric* metric = &Metric::Mass;
    StepSpan range;
    std::vector<int> layers; ///< numbers of the model
    std::vector<Panel> panels;
};

/// What every chosen policy stores of `tokens` after `step`. `windows`: sliding window per replayed layer, empty = none has one.
/// `reference`: number of the policy that they are set against, −1 = none.
/// Cost: policies × lanes × tokens reads. Errors: no such policy or step, a replay that has not come so far, cancelled.
Result<KeptPicture> keptPicture(const ReplayResult& replay, int step, IntRange tokens, const CurveOptions& options,
                                const std::vector<int>& windows, const JobContext& job, int reference = -1);

/// A metric's mean over steps for every lane of the chosen policies. `metric` outlives the picture. Errors: no such policy,
/// cancelled.
Result<LanePicture> lanePicture(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                const JobContext& job);

} // namespace winnow
