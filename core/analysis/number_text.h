// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers in captions.
#pragma once

#include <string>

namespace winnow {

/// "−0.05", with the minus sign of the figures; "0.00" has none. `value` is finite.
std::string numberText(double value, int digits);

} // namespace winnow
