// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/quality_table.h"

#include <cmath>
#include <limits>

namespace winnow {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The step where a curve is worst, NaN entries passed over; −1 if there is none.
int worstStep(const QualityCurves::Line& line, Better better, StepSpan range)
{
    int worst = -1;
    for (int step = range.begin; step < range.end; ++step) {
        const double value = line.mean[static_cast<std::size_t>(step)];
        if (std::isnan(value))
            continue;
        const double best = worst < 0 ? value : line.mean[static_cast<std::size_t>(worst)];
        if (worst < 0 || (better == Better::Higher ? value < best : value > best))
            worst = step;
    }
    return worst;
}

} // namespace

QualityTable qualityTable(const std::vector<QualityCurves>& metrics, const ReplayResult& replay, int step)
{
    const QualityCurves& first = metrics.front();
    QualityTable table{.range = first.range, .step = step, .hasDevices = !ranOnText(replay).empty(), .rows = {}};
    for (std::size_t i = 0; i < first.lines.size(); ++i) {
        const QualityCurves::Line& line = first.lines[i];
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(line.policy)];
        QualityTable::Row row{.label = line.label, .spec = line.spec, .policy = line.policy};
        for (const QualityCurves& metric : metrics)
            row.means.push_back(i < metric.lines.size() ? metric.lines[i].average : kNone);
        row.worstStep = worstStep(line, first.metric->better, first.range);
        row.worst = row.worstStep < 0 ? kNone : line.mean[static_cast<std::size_t>(row.worstStep)];
        if (step < policy.stepsDone)
            row.bytes = cacheBytes(replay, policy, Step{step});
        if (!policy.isRun())
            row.ranOn = ranOn(replay, policy);
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace winnow
