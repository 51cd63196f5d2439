// SPDX-License-Identifier: GPL-3.0-or-later
// DynamicKV: layers get slots by their share of the strongest votes. Zhou et al., EMNLP Findings 2025, arXiv 2412.14838;
// DreamMr/DynamicKV.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& dynamickvPreset();

} // namespace winnow
