// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time policies that look at keys and values only.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& l2normPreset();
const Preset& knormPreset();
const Preset& keydiffPreset();
const Preset& lagkvPreset();

} // namespace winnow
