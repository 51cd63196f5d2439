// SPDX-License-Identifier: GPL-3.0-or-later
// Policies as a table: the means of all metrics, the worst step of the first one, and the bytes of the cache at a step. The table
// of the Quality tab, and the second table of the figure "mass". Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/curves.h"
#include "core/replay/ran_on.h"

#include <optional>
#include <string>
#include <vector>

namespace winnow {

struct QualityTable {
    struct Row {
        std::string label, spec;
        int policy = 0;                  ///< number in the replay, from 0
        std::vector<double> means;       ///< in the order of metricCatalog(), over `range`; NaN where not computed
        int worstStep = -1;              ///< −1 = none is computed
        double worst = 0;                ///< the first metric there; NaN likewise
        std::optional<CacheBytes> bytes; ///< after `step`; nothing where the replay has not come so far
        RanOn ranOn;                     ///< without a device for a run
    };
    StepSpan range;
    int step = 0;
    bool hasDevices = false; ///< a GPU was used, so it is worth telling where every policy ran
    std::vector<Row> rows;
};

/// `metrics`: the curves of all metrics of `replay`, in the order of metricCatalog(). Cost: a pass over their steps.
QualityTable qualityTable(const std::vector<QualityCurves>& metrics, const ReplayResult& replay, int step);

} // namespace winnow
