// Presets that choose once, at the end of the prompt, by what its last queries attended to: SnapKV and PyramidKV.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Li et al. 2024, arXiv 2404.14469.
const Preset& snapkvPreset();
/// Cai et al. 2024, arXiv 2406.02069: SnapKV's choice under budgets that fall from layer to layer.
const Preset& pyramidkvPreset();

} // namespace winnow
