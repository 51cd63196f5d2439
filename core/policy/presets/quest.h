// SPDX-License-Identifier: GPL-3.0-or-later
// Quest: nothing leaves; every step reads the pages whose keys could match its query best.
// Tang et al. 2024, arXiv 2406.10774, section 3.2; mit-han-lab/Quest.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct QuestPages {
    int page = 16;                               ///< tokens of a page
    int least = 3;                               ///< pages that are read at least
    int denseLayers = 2;                         ///< so many of the lowest layers read everything
    GroupReduction group = GroupReduction::Mean; ///< of the bounds, where several query heads share a page list
};
std::shared_ptr<const Reader> questPages(const QuestPages& options);

/// What no key of a page can exceed in its product with each of the queries [queries, d], into `bounds` [queries, count]: Σ over
/// channels of max(query · most, query · least), single precision. `pages` [count, 2, d]: the most and the least of every
/// channel.
void pageBounds(std::span<const float> queries, std::size_t d, const float* pages, std::size_t count, std::span<float> bounds);

const Preset& questPreset();

/// The oracle of selections: reads the tokens that the step attends to most. Shown as a policy, pages of one token.
const Preset& topkPreset();

} // namespace winnow
