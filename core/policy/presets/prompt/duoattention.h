// SPDX-License-Identifier: GPL-3.0-or-later
// DuoAttention: retrieval heads keep everything, streaming heads the first and the newest tokens. Xiao et al., ICLR 2025, arXiv
// 2410.10819; DuoAttentionPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& duoattentionPreset();

} // namespace winnow
