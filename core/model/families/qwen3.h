// SPDX-License-Identifier: GPL-3.0-or-later
// Qwen3, the dense models (Yang et al. 2025), as transformers' modeling_qwen3.py computes it.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kQwen3;
extern const Family kQwen3Vl;     ///< the text part of a Qwen3-VL: without pictures its three positions are one
extern const Family kQwen3VlText; ///< stored alone

} // namespace winnow
