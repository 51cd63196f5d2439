// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace winnow {

namespace {

/// One character of a UTF-8 text; of bytes that are none, `bytes` 1 and not `valid`.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

Character firstOf(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80)
        return {lead, 1, true};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length)
        return {};
    char32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80)
            return {};
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
        return {};
    return {code, length, true};
}

/// Controls, marks that turn the direction of what follows, line breaks, and codes that are no characters.
bool isShown(char32_t code)
{
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool turns = code == 0x200E || code == 0x200F || code == 0x61C || (code >= 0x202A && code <= 0x202E) ||
                       (code >= 0x2066 && code <= 0x2069);
    const bool breaks = code == 0x2028 || code == 0x2029;
    const bool none = code == 0xFEFF || (code & 0xFFFEU) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
    return !control && !turns && !breaks && !none;
}

std::string writtenOut(char32_t code)
{
    switch (code) {
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '\r':
        return "\\r";
    default:
        break;
    }
    return code < 0x80 ? fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code))
                       : fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(code));
}

} // namespace

std::string printable(std::string_view text, std::string_view keep)
{
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const Character next = firstOf(text);
        if (!next.valid)
            shown += "\xEF\xBF\xBD";
        else if (isShown(next.code) || (next.code < 0x80 && keep.find(static_cast<char>(next.code)) != std::string_view::npos))
            shown += text.substr(0, next.bytes);
        else
            shown += writtenOut(next.code);
        text.remove_prefix(next.bytes);
    }
    return shown;
}

std::string shortPrintable(std::string_view text, std::size_t most)
{
    constexpr std::string_view kGap = " […] ";
    if (text.size() <= most)
        return printable(text);
    const auto inside = [&](std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
    };
    std::size_t head = most * 2 / 3, tail = text.size() - most / 3;
    while (head > 0 && inside(head))
        --head;
    while (inside(tail))
        ++tail;
    return printable(text.substr(0, head)) + std::string(kGap) + printable(text.substr(tail));
}

} // namespace winnow
