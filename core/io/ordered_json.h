// SPDX-License-Identifier: GPL-3.0-or-later
// JSON whose objects keep the order of the text.
#pragma once

#include "core/io/json.h"

namespace winnow {

/// As parseJson. An object of many members takes the square of their number.
Result<nlohmann::ordered_json> parseOrderedJson(std::string_view text, std::string_view where, const JsonLimits& limits = {});

} // namespace winnow
