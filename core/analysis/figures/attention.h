// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the figure "attention".
#pragma once

#include "core/analysis/figures/figure_options.h"
#include "core/trace/attention_source.h"

namespace winnow {

struct AttentionPicture {
    Layer layer{};
    int head = 0; ///< query head
    IntRange queries{}, keys{};
    AttentionTile tile; ///< one cell per pair
};

} // namespace winnow
