// SPDX-License-Identifier: GPL-3.0-or-later
// CriticalKV: a base score times the L1 norm of the value after the output projection. Feng et al., "Identify Critical KV Cache
// in LLM Inference from an Output Perturbation Perspective", 2025, arXiv 2502.03805; CriticalKVPress and CriticalAdaKVPress of
// NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& criticalkvPreset();
const Preset& criticalAdakvPreset();

} // namespace winnow
