// SPDX-License-Identifier: GPL-3.0-or-later
// SimLayerKV: lazy layers, which attend mostly to the first and the newest tokens, keep only these. Zhang et al. 2024, arXiv
// 2410.13846; SimLayerKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& simlayerkvPreset();

} // namespace winnow
