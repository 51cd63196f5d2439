// SPDX-License-Identifier: GPL-3.0-or-later
// GPT-NeoX and Pythia (Black et al. 2022; Biderman et al. 2023), as transformers' modeling_gpt_neox.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kGptNeoX;

} // namespace winnow
