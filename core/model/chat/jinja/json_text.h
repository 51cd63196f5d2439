// SPDX-License-Identifier: GPL-3.0-or-later
// Values as JSON: Python's json.dumps.
#pragma once

#include "core/model/chat/jinja/value.h"

#include <string>

namespace winnow::jinja {

struct JsonStyle {
    bool ascii = false; ///< "\u00e9" for é
    bool sorted = false;
    bool lines = false; ///< each item in its own line, behind `indent` as often as it is deep
    std::string indent, betweenItems = ", ", behindKey = ": ";
};
/// json.dumps; faults for values that JSON does not have.
std::string jsonText(Budget& budget, const Value& value, const JsonStyle& style);

} // namespace winnow::jinja
