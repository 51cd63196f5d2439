// SPDX-License-Identifier: GPL-3.0-or-later
// What the script of a report reads: JSON that stands inside the page. docs/report.md describes it. Pure, any thread.
#pragma once

#include "core/analysis/report/report_html.h"

#include <string>

namespace winnow {

/// Needs what reportPage() checks. Nothing in it ends a script element or begins a comment. Asks `job` once per policy; the text
/// is cut short where it was stopped.
std::string reportData(const ReplayResult& replay, const TraceInfo& info, const ReportOptions& options,
                       std::span<const int> policies, std::span<const ReportRow> rows, StepSpan steps, const JobContext& job);

} // namespace winnow
