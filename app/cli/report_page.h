// SPDX-License-Identifier: GPL-3.0-or-later
// The page of reports as it comes with the program.
#pragma once

#include "core/analysis/report/report.h"

namespace winnow::cli {

/// From resources/report, or a sentence that says what is missing there.
Result<ReportTemplate> reportTemplate();

} // namespace winnow::cli
