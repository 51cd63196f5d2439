// SPDX-License-Identifier: GPL-3.0-or-later
// Policies whose point is the budget: SnapKV's choice, with slots that heads or layers share out among themselves.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& adaSnapkvPreset();
const Preset& adaPyramidkvPreset();
const Preset& headkvPreset();
const Preset& dynamickvPreset();

} // namespace winnow
