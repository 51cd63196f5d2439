// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of any size as keys and readouts write them.
#pragma once

#include <QString>

namespace winnow::views {

/// About `digits` digits of a finite number: "0.27", "1,024", and "1.9·10⁻⁶" of what is very large or small. With a real minus.
QString shortNumber(double value, int digits = 2);

} // namespace winnow::views
