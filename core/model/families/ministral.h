// SPDX-License-Identifier: GPL-3.0-or-later
// Ministral, Ministral 3, and the text part of Mistral Small 3.1 and of Ministral 3 with pictures, as transformers'
// modeling_ministral.py, modeling_ministral3.py and modeling_mistral3.py compute them.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kMinistral;
extern const Family kMinistral3;
extern const Family kMistral3;

} // namespace winnow
