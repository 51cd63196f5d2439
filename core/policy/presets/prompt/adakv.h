// SPDX-License-Identifier: GPL-3.0-or-later
// AdaKV: heads of a layer share its slots. Feng et al., "Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for
// Efficient LLM Inference", NeurIPS 2025, arXiv 2407.11550; FFY0/AdaKV, AdaKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& adaSnapkvPreset();
const Preset& adaPyramidkvPreset();
/// The heads' shares by any prompt-time scorer, as the press has it.
const Preset& adakvPreset();

} // namespace winnow
