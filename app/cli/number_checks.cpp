// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/number_checks.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace winnow::cli {

std::string realNumber(const std::string& typed)
{
    return std::isnan(std::strtod(typed.c_str(), nullptr)) ? fmt::format("takes a number, not '{}'", typed) : std::string();
}

std::string wholeFromZero(const std::string& typed)
{
    std::uint64_t number = 0;
    const char* const last = typed.data() + typed.size();
    const auto [end, error] = std::from_chars(typed.data(), last, number);
    const bool isWhole = error == std::errc() && end == last;
    return isWhole ? std::string() : fmt::format("takes a whole number from 0 to {}, not '{}'", UINT64_MAX, typed);
}

std::string asDecimal(std::string& typed)
{
    const std::size_t sign = typed.starts_with('-') || typed.starts_with('+') ? 1 : 0;
    const std::size_t digits = typed.find_first_not_of('0', sign);
    if (typed.find_first_not_of("0123456789", sign) == std::string::npos && digits != std::string::npos)
        typed.erase(sign, digits - sign);
    return {};
}

} // namespace winnow::cli
