// SPDX-License-Identifier: GPL-3.0-or-later
// Values as texts: Python's str and repr.
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

} // namespace winnow::jinja
