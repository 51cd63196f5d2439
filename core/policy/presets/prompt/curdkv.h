// SPDX-License-Identifier: GPL-3.0-or-later
// CurDKV: tokens stay whose keys and values have large L2 norms. Sengupta et al. 2025, arXiv 2509.15038; CURPress of
// NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& curPreset();

} // namespace winnow
