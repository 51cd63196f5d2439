// SPDX-License-Identifier: GPL-3.0-or-later
// Granite 3 (IBM 2024), as transformers' modeling_granite.py computes it: a Llama with four multipliers.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kGranite;

} // namespace winnow
