// SPDX-License-Identifier: GPL-3.0-or-later
// Phi-3, Phi-3.5 and Phi-4 mini (Abdin et al. 2024), as transformers' modeling_phi3.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kPhi3;

} // namespace winnow
