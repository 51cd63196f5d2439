// SPDX-License-Identifier: GPL-3.0-or-later
// Presets that choose at every step by the attention they saw: H2O, TOVA and Scissorhands.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Zhang et al. 2023, arXiv 2306.14048: the highest accumulated attention, and the recent ones.
const Preset& h2oPreset();
/// Oren et al. 2024, arXiv 2401.06104: the highest attention of the newest query, shared by all heads of a layer.
const Preset& tovaPreset();
/// Liu et al. 2023, arXiv 2305.17118: the highest attention over the newest rows, beside sinks and recent tokens.
const Preset& scissorhandsPreset();

} // namespace winnow
