// SPDX-License-Identifier: GPL-3.0-or-later
// LagKV: tokens stay that stand out from those that follow. Liang et al. 2025, arXiv 2504.04704; LagKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& lagkvPreset();

} // namespace winnow
