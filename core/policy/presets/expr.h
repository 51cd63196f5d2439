// SPDX-License-Identifier: GPL-3.0-or-later
// A score that the user writes down as an expression, with every choice, budget and protection of the mix.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& exprPreset();

} // namespace winnow
