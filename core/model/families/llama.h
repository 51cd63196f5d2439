// SPDX-License-Identifier: GPL-3.0-or-later
// Llama 1 to 3.2 (Touvron et al. 2023; Grattafiori et al. 2024), as transformers' modeling_llama.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kLlama;

} // namespace winnow
