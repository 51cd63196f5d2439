// SPDX-License-Identifier: GPL-3.0-or-later
// A metric against the budget and against the bytes stored: a line for each policy that was replayed with several budgets, a
// single point for each other policy. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/curves.h"

namespace winnow {

struct BudgetSweep {
    struct Point {
        std::string spec;
        int policy = 0;    ///< number in the replay, from 0
        int budget = 0;    ///< slots asked for
        double stored = 0; ///< slots per lane, mean over lanes and `range`
        double bytes = 0;  ///< of all chosen lanes together, mean over `range`; NaN where the replay does not tell a slot's bytes
        double value = 0;  ///< of the metric, mean over lanes and `range`; NaN where the replay does not hold it
    };
    struct Line {
        std::string title;
        int policy = 0;            ///< number of its first point: its color
        std::vector<Point> points; ///< by budget
    };
    const Metric* metric = &Metric::Mass;
    StepSpan range;
    std::vector<Line> lines;
};

/// The policy without its budget, and without what follows from it: the same for the points of a line.
std::string policyFamily(const PolicySpec& spec);

/// Policies that differ only in their budget, and in what follows from it, are one line. Cost: a pass over the metric and the
/// slots of the chosen lanes. Errors: no such policy, cancelled.
Result<BudgetSweep> budgetSweep(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                const JobContext& job);

/// Bytes that the chosen lanes store together, mean over steps; NaN where the replay does not tell a slot's bytes. `lanes`:
/// indices into [layers × lanes]; empty = all.
double meanBytes(const ReplayResult& replay, const PolicyReplay& policy, std::span<const int> lanes, StepSpan steps);

/// The next budget to try, where `budget` stored `bytes` and `wanted` are to be stored: in proportion, from 1 to `most`.
int nextBudget(int budget, double bytes, double wanted, int most);

} // namespace winnow
