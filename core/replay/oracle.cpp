// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/oracle.h"

#include <algorithm>
#include <functional>

namespace winnow {

double topMass(std::span<const float> row, std::size_t count, std::vector<float>& scratch)
{
    scratch.assign(row.begin(), row.end());
    const std::size_t kept = std::min(count, scratch.size());
    if (kept < scratch.size())
        std::nth_element(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(kept), scratch.end(), std::greater<>());
    double sum = 0;
    for (std::size_t i = 0; i < kept; ++i)
        sum += scratch[i];
    return sum;
}

} // namespace winnow
