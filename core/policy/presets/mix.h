// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes without a paper: any scorer with any selector, budget and protection.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// `info` with every parameter that a mix at every step takes beside its score.
PolicyInfo stepMixInfo(PolicyInfo info, ParameterSpec score);
/// The recipe of a mix at every step: choice, budget and protection as the spec says.
Recipe stepMix(const PolicySpec& spec, std::shared_ptr<const Scorer> scorer);
/// Preset::contradiction of the mixes.
std::string headsAreMissing(const PolicySpec& spec, int slots);

const Preset& mixPreset();       ///< at every step
const Preset& mixPromptPreset(); ///< once, at the end of the prompt

} // namespace winnow
