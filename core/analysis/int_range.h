// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

namespace winnow {

/// The first and the last of some whole numbers, both included, as on the command line.
using IntRange = std::pair<int, int>;

} // namespace winnow
