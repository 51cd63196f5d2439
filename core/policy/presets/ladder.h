// SPDX-License-Identifier: GPL-3.0-or-later
// LaCache: a ladder over the layers. Shi et al. 2025, arXiv 2507.14204, section 3; GATECH-EIC/LaCache. When the cache overflows,
// a run of slots is thinned out; different layers keep different slots of it. The cursor then moves to the next run, and after
// the last one it starts again behind the sinks.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct Ladder {
    int before = 2, after = 1; ///< of `before` slots in a row, `after` stay
    int rung() const { return before - after; }
};
/// `span` layers keep different slots before the pattern repeats; consecutive ones share `overlap`.
Ladder ladderOf(int modelLayers, int span, int overlap);

/// Position-only; all units of a layer alike. `sinks` first slots are not touched.
std::shared_ptr<const Selector> ladderSelector(int span, int overlap, int sinks);

const Preset& lacachePreset();

} // namespace winnow
