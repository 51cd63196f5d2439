// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace winnow {

std::string numberText(double value, int digits)
{
    const std::string text = fmt::format("{:.{}f}", std::abs(value), digits);
    const bool zero = text.find_first_not_of("0.") == std::string::npos;
    return (value < 0 && !zero ? "−" : "") + text;
}

} // namespace winnow
