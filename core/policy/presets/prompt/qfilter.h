// SPDX-License-Identifier: GPL-3.0-or-later
// Q-Filters: keys against the queries' main direction. Godey et al. 2025, arXiv 2503.02812; QFilterPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& qfilterPreset();

} // namespace winnow
