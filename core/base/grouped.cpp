// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/grouped.h"

#include <cstddef>

namespace winnow {

std::string grouped(std::int64_t number)
{
    std::string digits = std::to_string(number < 0 ? -number : number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return number < 0 ? "-" + digits : digits;
}

} // namespace winnow
