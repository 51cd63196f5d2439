// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time policies that weigh the attention of the whole prompt, or of queries still to come.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& h2oPromptPreset();
const Preset& observedAttentionPreset();
const Preset& expectedAttentionPreset();
const Preset& criticalkvPreset();
const Preset& criticalAdakvPreset();
const Preset& chunkkvPreset();

} // namespace winnow
