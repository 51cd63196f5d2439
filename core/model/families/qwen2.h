// SPDX-License-Identifier: GPL-3.0-or-later
// Qwen2 and Qwen2.5 (Yang et al. 2024), as transformers' modeling_qwen2.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kQwen2;

/// Qwen's own way to say which layers slide: the last ones, and only if 'use_sliding_window' is set.
void setQwenWindows(ConfigReader& reader, ModelConfig& config);

} // namespace winnow
