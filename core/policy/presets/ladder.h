// SPDX-License-Identifier: GPL-3.0-or-later
// LaCache: a ladder over the layers. Shi et al. 2025, arXiv 2507.14204, section 3; GATECH-EIC/LaCache. On overflow a run of slots
// is thinned out, layers keeping different ones; the cursor then moves on, and starts over behind the sinks when it is done.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct Ladder {
    int before = 2, after = 1; ///< of so many slots in a row, so many stay
    int rung() const { return before - after; }
};
/// `span` layers keep different slots before the pattern repeats; consecutive ones share `overlap`.
Ladder ladderOf(int modelLayers, int span, int overlap);

/// Position-only; all units of a layer alike. `sinks` first slots are not touched.
std::shared_ptr<const Selector> ladderSelector(int span, int overlap, int sinks);

const Preset& lacachePreset();

} // namespace winnow
