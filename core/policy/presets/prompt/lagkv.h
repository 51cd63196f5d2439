// SPDX-License-Identifier: GPL-3.0-or-later
// LagKV: tokens stay whose keys and values differ most from those of the following tokens. Liang et al. 2025, arXiv 2504.04704;
// LagKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& lagkvPreset();

} // namespace winnow
