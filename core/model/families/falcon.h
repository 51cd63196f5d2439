// SPDX-License-Identifier: GPL-3.0-or-later
// Falcon 7B to 180B and Falcon 2 (Almazrouei et al. 2023), as transformers' modeling_falcon.py computes them. Falcon 3 is a
// Llama.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kFalcon;

} // namespace winnow
