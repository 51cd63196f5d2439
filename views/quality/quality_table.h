// SPDX-License-Identifier: GPL-3.0-or-later
// The Quality tab as a table: a row per visible policy with the mean of every metric, the worst step of the first one, and the
// bytes of its cache at the step. Where a GPU was used there is a column with the device that the policy ran on. GUI thread.
#pragma once

#include "core/analysis/curves.h"
#include "core/analysis/metrics.h"
#include "views/state/selection.h"

#include <QString>
#include <QTableWidget>

#include <vector>

namespace winnow::views {

/// `metrics` in the order of metricCatalog(), each over all lines; `replay` is what they were made of. The focused policy is
/// bold.
void fillQualityTable(QTableWidget& table, const std::vector<QualityCurves>& metrics, const ReplayResult& replay,
                      const SelectionState& state);

/// "0.712"; "—" for NaN.
QString decimalWords(double value, int digits = 3);
/// A value as the metric's column shows it.
QString metricWords(const Metric& metric, double value);

} // namespace winnow::views
