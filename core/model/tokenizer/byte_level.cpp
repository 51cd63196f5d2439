// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/byte_level.h"

namespace winnow {
namespace {

std::string utf8(char32_t c) // below U+0800 is all the table needs
{
    if (c < 0x80)
        return std::string(1, static_cast<char>(c));
    return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
}

constexpr bool standsForItself(int byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Table {
    std::array<std::string, 256> symbols;
    std::array<std::int16_t, 0x180> bytes; // by code point; −1: no stand-in

    Table()
    {
        bytes.fill(-1);
        char32_t next = 0x100;
        for (int byte = 0; byte < 256; ++byte) {
            const char32_t symbol = standsForItself(byte) ? static_cast<char32_t>(byte) : next++;
            symbols[static_cast<std::size_t>(byte)] = utf8(symbol);
            bytes[symbol] = static_cast<std::int16_t>(byte);
        }
    }
};

const Table& table()
{
    static const Table made;
    return made;
}

} // namespace

const std::string& byteSymbol(std::uint8_t byte) { return table().symbols[byte]; }

std::optional<std::string> bytesOfSymbols(std::string_view token)
{
    std::string bytes;
    for (std::size_t at = 0; at < token.size();) {
        const CodePoint c = codePointAt(token, at);
        if (c.value >= table().bytes.size() || table().bytes[c.value] < 0)
            return std::nullopt;
        bytes.push_back(static_cast<char>(table().bytes[c.value]));
        at += c.bytes;
    }
    return bytes;
}

std::string symbolsOfBytes(std::string_view bytes)
{
    std::string symbols;
    for (const char byte : bytes)
        symbols += byteSymbol(static_cast<std::uint8_t>(byte));
    return symbols;
}

std::optional<std::size_t> firstInvalidUtf8(std::string_view text)
{
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    for (std::size_t at = 0; at < text.size();) {
        const unsigned char lead = byte(at);
        if (lead < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                                   : lead >= 0xE0 && lead <= 0xEF ? 3
                                   : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                                  : 0;
        if (length == 0 || text.size() - at < length)
            return at;
        for (std::size_t i = 1; i < length; ++i)
            if (!isContinuation(text[at + i]))
                return at;
        const unsigned char second = byte(at + 1);
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
            (lead == 0xF4 && second > 0x8F))
            return at;
        at += length;
    }
    return std::nullopt;
}

CodePoint codePointAt(std::string_view text, std::size_t at)
{
    const auto bits = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]) & 0x3F); };
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80)
        return {lead, 1};
    if (lead < 0xE0)
        return {(static_cast<char32_t>(lead & 0x1F) << 6) | bits(1), 2};
    if (lead < 0xF0)
        return {(static_cast<char32_t>(lead & 0x0F) << 12) | bits(1) << 6 | bits(2), 3};
    return {(static_cast<char32_t>(lead & 0x07) << 18) | bits(1) << 12 | bits(2) << 6 | bits(3), 4};
}

bool isWhiteSpace(char32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

} // namespace winnow
