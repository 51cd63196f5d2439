// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes without a paper: any scorer with any selector, budget and protection.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& mixPreset();       ///< at every step
const Preset& mixPromptPreset(); ///< once, at the end of the prompt

} // namespace winnow
