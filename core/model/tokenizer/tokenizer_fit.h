// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a tokenizer belongs to a model.
#pragma once

#include "core/model/config/model_config.h"
#include "core/model/tokenizer/tokenizer.h"

namespace winnow {

/// BadInput where the tokenizer knows ordinary tokens that the model has no embedding for. Fewer tokens than rows of the
/// embedding are usual, and so are special tokens beyond it: the text models of Gemma 3 list one that stands for pictures.
Result<void> checkFit(const Tokenizer& tokenizer, const ModelConfig& config);

} // namespace winnow
