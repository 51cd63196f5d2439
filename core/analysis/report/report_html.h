// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a report that stand in its HTML: they can be read where scripts do not run. Pure, any thread.
#pragma once

#include "core/analysis/report/report.h"

#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// `text` as HTML shows it, also inside an attribute; what moves a cursor or turns a direction is written out, and bytes that are
/// no UTF-8 become U+FFFD.
std::string htmlEscaped(std::string_view text);

/// A row of the table of numbers: a policy, or the full cache beside a run. Empty cells where there is no such number.
struct ReportRow {
    std::string label, spec;
    std::optional<int> policy; ///< its place among the policies of the report; nothing = the full cache
    std::optional<double> slots, stored, bytes, padded, mass, error, loss, perplexity, kl, agrees;
};
/// Means over all lanes and `steps`; loss and what follows from `judged` on. Cost: a pass over all metrics.
std::vector<ReportRow> reportRows(const ReplayResult& replay, std::span<const int> policies, StepSpan steps);

/// Columns that no row fills are left out.
std::string tableHtml(std::span<const ReportRow> rows, const ReplayResult& replay, StepSpan steps);
/// Terms and their values, `<dt>` and `<dd>`.
std::string manifestHtml(const ReplayResult& replay, std::span<const int> policies);

} // namespace winnow
