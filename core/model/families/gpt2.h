// SPDX-License-Identifier: GPL-3.0-or-later
// GPT-2 (Radford et al. 2019), as transformers' modeling_gpt2.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kGpt2;

} // namespace winnow
