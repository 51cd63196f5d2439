// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzzer of sweeps calls with arbitrary bytes, and tests/evaluate/sweep with mutated seeds.
#pragma once

#include "core/analysis/paper_tables.h"
#include "core/base/check.h"
#include "core/evaluate/sweep/sweep_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace winnow {

/// Any bytes as a plan, as a sweep's results and as published tables: what can be used as it is, or a sentence. Results are
/// written and read again as they were.
inline void fuzzSweep(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto plan = parsePlan(text, "'plan'", "/plans")) {
        WINNOW_CHECK(!plan->models.empty() && plan->inputs() > 0 && !plan->policies.empty() && !plan->seeds.empty(), "no cells");
        for (const PlanTask& task : plan->tasks)
            WINNOW_CHECK(task.length > 0 && task.samples > 0 && !task.name.empty(), "a task of nothing");
        for (const PlanText& one : plan->texts)
            WINNOW_CHECK(one.tokens >= 0 && one.window >= 0 && one.stride >= 0 && !one.name.empty(), "a text of nothing");
    } else {
        WINNOW_CHECK(!plan.error().message.empty(), "an error without a sentence");
    }
    if (const auto cells = parseCells(text, "'results'")) {
        std::string lines;
        for (const CellResult& cell : *cells)
            lines += cellLine(cell);
        const auto again = parseCells(lines, "'again'");
        WINNOW_CHECK(again && again->size() == cells->size(), "not read back");
        std::string twice;
        for (const CellResult& cell : *again)
            twice += cellLine(cell);
        WINNOW_CHECK(twice == lines, "not as it was");
    } else {
        WINNOW_CHECK(!cells.error().message.empty(), "an error without a sentence");
    }
    if (const auto tables = parsePaperTables(text, "'tables'"))
        for (const PaperTable& table : *tables)
            WINNOW_CHECK(!table.name.empty() &&
                             std::ranges::all_of(table.cells, [](const PaperCell& cell) { return std::isfinite(cell.value); }),
                         "a cell without a number");
}

} // namespace winnow
