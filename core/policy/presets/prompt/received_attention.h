// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens stay that received the most attention over the whole prompt: H2O once (Zhang et al., NeurIPS 2023, arXiv 2306.14048),
// and ObservedAttentionPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& h2oPromptPreset();
const Preset& observedAttentionPreset();

} // namespace winnow
