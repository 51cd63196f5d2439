// SPDX-License-Identifier: GPL-3.0-or-later
// ChunkKV: chunks of neighboring tokens stay or go together. Liu et al., NeurIPS 2025, arXiv 2502.00299; ChunkKVPress of
// NVIDIA/kvpress.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& chunkkvPreset();

} // namespace winnow
