// SPDX-License-Identifier: GPL-3.0-or-later
// Gemma 3 (Gemma Team 2025), as transformers' modeling_gemma3.py computes it: the text models, and the text part of those that
// also see pictures.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kGemma3Text;
extern const Family kGemma3; ///< Gemma3ForConditionalGeneration: the sizes stand under 'text_config'

} // namespace winnow
