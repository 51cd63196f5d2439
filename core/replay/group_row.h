// SPDX-License-Identifier: GPL-3.0-or-later
// How the rows of a unit's query heads become the one row that its policy sees.
#pragma once

#include "core/kernels/row_kernels.h"
#include "core/policy/recipe.h"

#include <algorithm>
#include <span>
#include <vector>

namespace winnow {

/// Adds the row of one of `heads` query heads to `unit`, the unit's row, which begins as zeros. Sum and Mean multiply the row by
/// `share` first.
inline void addHeadRow(GroupReduction group, int heads, std::span<const float> row, float share, std::vector<float>& unit)
{
    if (group == GroupReduction::Max)
        std::transform(row.begin(), row.end(), unit.begin(), unit.begin(), [](float a, float b) { return std::max(a, b); });
    else
        row_kernels::addScaled(row.data(), row.size(), group == GroupReduction::Mean ? share / static_cast<float>(heads) : share,
                               unit.data());
}

} // namespace winnow
