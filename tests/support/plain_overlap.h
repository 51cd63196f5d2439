// SPDX-License-Identifier: GPL-3.0-or-later
// How much two policies have in common, counted token by token.
#pragma once

#include "core/replay/replay_result.h"

#include <algorithm>

namespace winnow::testing_support {

/// Mean over all lanes of |A ∩ B| / |A ∪ B| after `step` (of selections: of what the step read). Where one has lanes of query
/// heads and the other of KV heads, each KV lane is compared with all its query lanes.
inline double plainJaccard(const PolicyReplay& a, const PolicyReplay& b, int step)
{
    double sum = 0;
    const int lanes = std::max(a.lanes, b.lanes);
    for (int layer = 0; layer < a.layers; ++layer)
        for (int lane = 0; lane < lanes; ++lane) {
            int both = 0, either = 0;
            for (int token = 0; token <= step; ++token) {
                const bool inA = a.shows(layer, lane * a.lanes / lanes, token, step),
                           inB = b.shows(layer, lane * b.lanes / lanes, token, step);
                both += inA && inB;
                either += inA || inB;
            }
            sum += either == 0 ? 1.0 : static_cast<double>(both) / either;
        }
    return sum / (a.layers * lanes);
}

} // namespace winnow::testing_support
