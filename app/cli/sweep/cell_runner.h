// SPDX-License-Identifier: GPL-3.0-or-later
// Cells of a sweep at work: what `winnow perplexity` and `winnow ask` do for a line of theirs, with a model that stays loaded
// from one cell to the next.
#pragma once

#include "app/cli/console.h"
#include "core/evaluate/sweep/sweep_cells.h"
#include "core/io/cell_result.h"

#include <memory>
#include <span>
#include <vector>

namespace winnow::cli {

/// Keeps one model and the examples of one group. Not thread-safe.
class CellRunner {
public:
    /// `plan` outlives it.
    CellRunner(const SweepPlan& plan, Console& console);
    ~CellRunner();

    /// Everything that can be known of the cells before their model is loaded. `cells`: of one group. Errors, with the model and
    /// input that they are about: a file that is not there, a policy that cannot act, a text that is too short, … `warns`: tells
    /// the user what is unusual. Returns the steps that each cell takes
    /// at most: tokens that are read or said one by one, sixteen of a prompt counted as one.
    Result<std::int64_t> check(std::span<const SweepCell> cells, bool warns);

    /// Measures `cells`, of one group, together: the full cache of a text, and a task's prompts, are read once for all.
    Result<std::vector<CellResult>> run(std::span<const SweepCell> cells);

    /// Seconds a token that the model of the cell takes with its full cache, measured over a few; loads it.
    Result<double> secondsPerToken(const SweepCell& cell);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The contents of the plan's files, hashed. Errors: a model or file that is not there.
Result<PlanHashes> hashesOf(const SweepPlan& plan);

} // namespace winnow::cli
