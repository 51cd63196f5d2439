// SPDX-License-Identifier: GPL-3.0-or-later
// Phi-1 to Phi-2 (Gunasekar et al. 2023; Javaheripi et al. 2023), as transformers' modeling_phi.py computes them: attention and
// MLP both read the layer's input after one normalization.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kPhi;

} // namespace winnow
