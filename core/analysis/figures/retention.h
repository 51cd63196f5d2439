// SPDX-License-Identifier: GPL-3.0-or-later
// What the figure "retention" shows: maps are drawn from the lifetimes themselves.
#pragma once

#include "core/analysis/figures/figure_options.h"
#include "core/replay/replay_result.h"

namespace winnow {

struct RetentionPicture {
    std::shared_ptr<const ReplayResult> replay;
    std::vector<int> policies; ///< numbers from 0
    std::vector<Lane> lanes;   ///< empty = all
    IntRange tokens{}, steps{};
};

} // namespace winnow
