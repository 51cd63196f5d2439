// SPDX-License-Identifier: GPL-3.0-or-later
// Lifetimes from a file: a policy of one's own, computed by any program, beside the others.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& givenPreset();

} // namespace winnow
