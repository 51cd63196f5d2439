// SPDX-License-Identifier: GPL-3.0-or-later
// A policy whose lifetimes (the step at which each token leaves) come from a file that any program may write.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& givenPreset();

} // namespace winnow
