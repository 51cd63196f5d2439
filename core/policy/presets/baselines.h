// SPDX-License-Identifier: GPL-3.0-or-later
// Presets that need no attention: full, window, StreamingLLM, random.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& fullPreset();
const Preset& windowPreset();
/// Xiao et al. 2023, arXiv 2309.17453, section 3.2: the first `sinks` tokens and the most recent ones.
const Preset& streamingPreset();
const Preset& randomPreset();

} // namespace winnow
