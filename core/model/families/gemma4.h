// SPDX-License-Identifier: GPL-3.0-or-later
// Gemma 4, its dense models: E2B, E4B, 31B, and the unified ones. Of those that see and hear, the text part.
#pragma once

#include "core/model/families/family.h"

namespace winnow {

extern const Family kGemma4Text, kGemma4, kGemma4UnifiedText, kGemma4Unified;

} // namespace winnow
