// SPDX-License-Identifier: GPL-3.0-or-later
// FINCH: tokens stay that the question at the prompt's end attends to. Corallo, Papotti: FINCH: Prompt-guided Key-Value Cache
// Compression. TACL 2024, arXiv 2408.00167; FinchPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& finchPreset();

} // namespace winnow
