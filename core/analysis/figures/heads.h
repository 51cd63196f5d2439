// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the figure "heads".
#pragma once

#include "core/analysis/head_thumbs.h"

namespace winnow {

struct HeadsPicture {
    std::vector<Layer> layers; ///< as thumbs.layers
    HeadThumbs thumbs;
    int tokens = 0;
};

} // namespace winnow
