// SPDX-License-Identifier: GPL-3.0-or-later
// `winnow sweep` as those see it who do its parts: the plan with its cells, the worker that measures them, and rank 0, or the
// only process, that hands them out and writes.
#pragma once

#include "app/cli/console.h"
#include "app/cli/sweep/worker_process.h"
#include "core/evaluate/sweep/cell_log.h"

namespace winnow::cli {

struct PlannedSweep {
    SweepPlan plan;
    std::vector<SweepCell> cells;
};

/// Reads the plan and hashes its files. Errors: parsePlan's, a file that is not there, two cells of one name.
Result<PlannedSweep> readSweep(const std::string& path, Console& console);

/// Checks every cell before the first is measured, and warns. Returns the steps of each (CellRunner::check).
Result<std::vector<std::int64_t>> checkCells(const PlannedSweep& sweep, Console& console);

/// The worker: requests on standard input, answers on standard output, a line of JSON each, until the input ends.
///   {"cells": ["hash", …]}  →  {"results": ["line", …]}    their lines, in their order (core/io/cell_result.h)
///   {"time": "hash"}        →  {"seconds": 0.004}          a token, of that cell's model
///   either                  →  {"failed": "sentence"}
Result<void> workOnCells(const PlannedSweep& sweep, Console& console);

struct SweepEnd {
    std::map<std::size_t, std::string> failures; ///< cells, and why
};

/// Hands out what `log` lacks and appends what comes back; tells the time it will take, every result, and every cell that failed.
/// `steps`: of each cell.
Result<SweepEnd> runSweep(const PlannedSweep& sweep, const std::vector<std::int64_t>& steps, CellLog& log, Workers& workers,
                          Console& console);

} // namespace winnow::cli
