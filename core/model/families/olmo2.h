// SPDX-License-Identifier: GPL-3.0-or-later
// OLMo 2 and OLMo 3 (OLMo team 2025), as transformers' modeling_olmo2.py and modeling_olmo3.py compute them: normalizations
// follow attention and MLP, and queries and keys are normalized over all heads together.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kOlmo2;
extern const Family kOlmo3;

} // namespace winnow
