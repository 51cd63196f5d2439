// SPDX-License-Identifier: GPL-3.0-or-later
// SimLayerKV: layers that look at the first and the newest tokens only keep no others. Zhang et al. 2024, arXiv 2410.13846;
// SimLayerKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& simlayerkvPreset();

} // namespace winnow
