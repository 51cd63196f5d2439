// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens stay whose keys have a small L2 norm. Devoto et al., "A Simple and Effective L2 Norm-Based Strategy for KV Cache
// Compression", EMNLP 2024, arXiv 2406.11430, as its authors' port (l2norm) and as NVIDIA's kvpress (knorm) have it.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& l2normPreset();
const Preset& knormPreset();

} // namespace winnow
