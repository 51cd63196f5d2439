// SPDX-License-Identifier: GPL-3.0-or-later
// Gemma 2 (Gemma Team 2024), as transformers' modeling_gemma2.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kGemma2;

} // namespace winnow
