// SPDX-License-Identifier: GPL-3.0-or-later
// Q-Filters: a key is scored by its projection on the main direction of the queries. Godey et al. 2025, arXiv 2503.02812;
// QFilterPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& qfilterPreset();

} // namespace winnow
