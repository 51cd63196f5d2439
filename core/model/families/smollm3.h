// SPDX-License-Identifier: GPL-3.0-or-later
// SmolLM3 (Bakouch et al. 2025), as transformers' modeling_smollm3.py computes it: a Llama some of whose layers have no rotary
// embedding.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kSmolLm3;

} // namespace winnow
