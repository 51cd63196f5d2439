// SPDX-License-Identifier: GPL-3.0-or-later
// The cells of a sweep against what they cost: budget, bytes and milliseconds, with those that no other beats. Pure, any thread,
// free of Torch and Qt.
#pragma once

#include "core/io/cell_result.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// What quality is set against.
enum class SweepCost { Budget, Bytes, Milliseconds };
inline constexpr std::array<SweepCost, 3> kSweepCosts{SweepCost::Budget, SweepCost::Bytes, SweepCost::Milliseconds};

struct SweepPlanes {
    struct Point {
        std::string policy;               ///< its line, without the seed
        std::array<double, 3> cost;       ///< by SweepCost; NaN where it is not known, or the policy has no budget
        double value = 0;                 ///< of the measure, mean over seeds
        std::optional<Interval> interval; ///< means of its ends over seeds
        int seeds = 0;
        std::array<bool, 3> front{}; ///< by SweepCost: whether no other point costs as little and is as good, or better in one
    };
    /// A policy at several budgets, or one without.
    struct Line {
        std::string title;
        int color = 0;             ///< the same in all panels
        std::vector<Point> points; ///< by budget
    };
    /// One model and input.
    struct Panel {
        std::string model, input, measure;
        bool lessIsBetter = false;
        std::vector<Line> lines; ///< in the order of the cells
    };
    std::vector<Panel> panels; ///< in the order of the cells
};

/// Budgets in per cent are of the tokens that the protocol's "length" says. Cells without a value are left out.
SweepPlanes sweepPlanes(std::span<const CellResult> cells);

} // namespace winnow
