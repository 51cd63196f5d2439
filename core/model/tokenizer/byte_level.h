// SPDX-License-Identifier: GPL-3.0-or-later
// The 256 printable stand-ins that byte-level BPE vocabularies (GPT-2 and after) write for bytes, and small UTF-8 helpers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace winnow {

/// The stand-in of a byte, in UTF-8: "A" for 0x41, "Ġ" for a space.
const std::string& byteSymbol(std::uint8_t byte);

/// The bytes that a vocabulary entry stands for; nothing when it holds a character that is no stand-in.
std::optional<std::string> bytesOfSymbols(std::string_view token);

/// `bytes` written in stand-ins.
std::string symbolsOfBytes(std::string_view bytes);

/// Where `text` stops being UTF-8 (shortest form, no surrogates, up to U+10FFFF); nothing when all of it is.
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);

/// The code point that starts at `at` in valid UTF-8, and its length in bytes.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
};
CodePoint codePointAt(std::string_view text, std::size_t at);

inline bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Unicode's White_Space.
bool isWhiteSpace(char32_t c);

} // namespace winnow
