// SPDX-License-Identifier: GPL-3.0-or-later
// Compactor: tokens stay whose keys have a high statistical leverage and which receive much non-causal attention, whatever the
// question. Chari, Van Durme 2025, arXiv 2507.08143; CompactorPress and NonCausalAttnPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& compactorPreset();
const Preset& nonCausalPreset();

} // namespace winnow
