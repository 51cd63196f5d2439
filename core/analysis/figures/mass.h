// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the figure "mass".
#pragma once

#include "core/analysis/quality_table.h"

namespace winnow {

struct MassPicture {
    QualityCurves curves;
    QualityTable table; ///< in the csv alone: what the Quality tab shows in place of the curves (Ctrl+T)
};

} // namespace winnow
