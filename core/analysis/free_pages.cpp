// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/free_pages.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

FreePages freePages(const PolicyReplay& policy, int step, int page)
{
    WINNOW_CHECK(page > 0 && step >= 0 && step < policy.stepsDone, "pages of {} tokens after step {} of {}", page, step,
                 policy.stepsDone);
    const auto tokens = static_cast<std::size_t>(step) + 1, width = static_cast<std::size_t>(page),
               count = (tokens + width - 1) / width, layers = static_cast<std::size_t>(policy.layers),
               lanes = static_cast<std::size_t>(policy.lanes), length = static_cast<std::size_t>(policy.tokens);
    FreePages found{.spec = policy.spec.canonical(), .step = step, .page = page};
    found.pages = static_cast<std::int64_t>(count * layers * lanes);
    std::size_t kept = 0;
    std::vector<char> ofLane(count), ofLayer(count), ofAll(count, 0); // whether a page is kept
    const auto freeOf = [](const std::vector<char>& keptPages) { return std::ranges::count(keptPages, 0); };
    for (std::size_t layer = 0; layer < layers; ++layer) {
        std::ranges::fill(ofLayer, 0);
        std::int64_t byHead = 0;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            std::ranges::fill(ofLane, 0);
            const std::size_t row = (layer * lanes + lane) * length;
            for (std::size_t token = 0; token < tokens; ++token) {
                const std::int32_t left = policy.evictStep[row + token];
                if (left >= 0 && left <= step)
                    continue;
                ++kept;
                ofLane[token / width] = 1;
            }
            byHead += freeOf(ofLane);
            for (std::size_t i = 0; i < count; ++i)
                ofLayer[i] |= ofLane[i];
        }
        for (std::size_t i = 0; i < count; ++i)
            ofAll[i] |= ofLayer[i];
        const std::int64_t byLayer = freeOf(ofLayer) * static_cast<std::int64_t>(lanes);
        found.layerFreeByHead.push_back(byHead);
        found.layerFreeByLayer.push_back(byLayer);
        found.layerPages.push_back(static_cast<std::int64_t>(count * lanes));
        found.freeByHead += byHead;
        found.freeByLayer += byLayer;
    }
    found.freeByAll = freeOf(ofAll) * static_cast<std::int64_t>(layers * lanes);
    const std::size_t all = tokens * layers * lanes;
    found.evicted = all > 0 ? 1 - static_cast<double>(kept) / static_cast<double>(all) : 0;
    return found;
}

} // namespace winnow
