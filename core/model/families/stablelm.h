// SPDX-License-Identifier: GPL-3.0-or-later
// StableLM (Bellagente et al. 2024), as transformers' modeling_stablelm.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kStableLm;

} // namespace winnow
