// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace winnow {

/// "2,048"
std::string grouped(std::int64_t number);

} // namespace winnow
