// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time policies that weigh vectors against each other without attention.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& qfilterPreset();
const Preset& curPreset();

} // namespace winnow
