// SPDX-License-Identifier: GPL-3.0-or-later
// Values as texts: Python's str and repr, and json.dumps.
#pragma once

#include "core/model/chat/jinja/value.h"

#include <string>

namespace winnow::jinja {

/// Appends str(value).
void print(Budget& budget, const Value& value, std::string& out);
std::string printed(Budget& budget, const Value& value);
/// repr(value).
std::string represented(Budget& budget, const Value& value);

/// Python's repr of a double: "1.0", "1e+16", "inf".
std::string numberText(double number);

struct JsonStyle {
    bool ascii = false; ///< "\u00e9" for é
    bool sorted = false;
    bool lines = false; ///< each item in its own line, behind `indent` as often as it is deep
    std::string indent, betweenItems = ", ", behindKey = ": ";
};
/// json.dumps; faults for values that JSON does not have.
std::string jsonText(Budget& budget, const Value& value, const JsonStyle& style);

} // namespace winnow::jinja
