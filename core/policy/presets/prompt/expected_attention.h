// SPDX-License-Identifier: GPL-3.0-or-later
// Expected Attention: tokens stay that future queries are expected to attend to. Devoto, Jeblick, Jégou 2025, arXiv 2510.00636;
// ExpectedAttentionPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& expectedAttentionPreset();

} // namespace winnow
