// SPDX-License-Identifier: GPL-3.0-or-later
// Mistral 7B and its kin (Jiang et al. 2023), as transformers' modeling_mistral.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kMistral;

/// What Ministral and the text parts of larger models share with it.
void configureMistral(ConfigReader& reader, ModelConfig& config);

} // namespace winnow
