// SPDX-License-Identifier: GPL-3.0-or-later
// KeyDiff: keys unlike the others stay. Park et al., NeurIPS 2025, arXiv 2504.15364; KeyDiffPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& keydiffPreset();

} // namespace winnow
