// SPDX-License-Identifier: GPL-3.0-or-later
// Mistral 7B and its kin (Jiang et al. 2023), as transformers' modeling_mistral.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kMistral;

} // namespace winnow
