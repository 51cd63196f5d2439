// SPDX-License-Identifier: GPL-3.0-or-later
// HeadKV: heads that are good at retrieval get more. Fu et al., "Not All Heads Matter", ICLR 2025, arXiv 2410.19258;
// Zefan-Cai/KVCache-Factory.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& headkvPreset();

} // namespace winnow
