// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the figure "autopsy".
#pragma once

#include "core/analysis/autopsy.h"
#include "core/analysis/lifetimes.h"

namespace winnow {

struct AutopsyPicture {
    Autopsy autopsy;
    std::vector<LifetimeHistogram> lifetimes; ///< of all tokens, as autopsy.lines; in the csv alone, as the tab Token shows them
};

} // namespace winnow
