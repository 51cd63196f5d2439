// SPDX-License-Identifier: GPL-3.0-or-later
// Gemma 3 (Gemma Team 2025), as transformers' modeling_gemma3.py computes it: the text models, and the text part of those that
// also see pictures.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

/// What the texts of Gemma 3 and 4 have alike: sizes, whose published files leave out what equals the defaults, activation,
/// biases and the factors of the embedding and of the output.
void readGemmaText(ConfigReader& reader, ModelConfig& config, int vocabulary, int layers);

extern const Family kGemma3Text;
extern const Family kGemma3; ///< Gemma3ForConditionalGeneration: the sizes stand under 'text_config'

} // namespace winnow
