// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes as text that stands in a page: base64 of RFC 4648, with padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace winnow {

std::string base64(std::span<const std::byte> bytes);
/// The numbers as they lie in memory: little-endian on every machine that Winnow runs on.
template <class Number>
std::string base64Of(std::span<const Number> numbers)
{
    return base64(std::as_bytes(numbers));
}

} // namespace winnow
