// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the figure "attention".
#pragma once

#include "core/analysis/attended_tokens.h"
#include "core/analysis/figures/figure_options.h"

#include <string>
#include <vector>

namespace winnow {

struct AttentionPicture {
    Layer layer{};
    int head = 0; ///< query head
    IntRange queries{}, keys{};
    AttentionTile tile;             ///< one cell per pair
    std::string loser;              ///< the label of the policy of --lost-by; "" = none
    std::vector<bool> lost;         ///< as tile, whether it had lost the key by then; empty without one
    AttendedTokens row;             ///< of --step, all its tokens; none without it
    std::vector<std::string> words; ///< of the row's tokens
};

} // namespace winnow
