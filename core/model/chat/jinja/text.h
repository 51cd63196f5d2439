// SPDX-License-Identifier: GPL-3.0-or-later
// Python's view of a text: characters are code points, blanks and letters are Unicode's. All texts are valid UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::jinja {

std::size_t countCharacters(std::string_view text);

/// The byte at which character `index` starts; the text's size when it has no more than `index`.
std::size_t byteOfCharacter(std::string_view text, std::size_t index);

/// Each character by itself.
std::vector<std::string_view> charactersOf(std::string_view text);

/// str.isspace of one character.
bool isBlank(char32_t character);

/// Without blanks at its ends, or without any of `characters`.
std::string_view stripped(std::string_view text, bool left, bool right, std::optional<std::string_view> characters = {});

/// str.splitlines.
std::vector<std::string_view> linesOf(std::string_view text, bool keepEnds);

/// Where `part` starts at or behind `from`; npos when nowhere. Linear, whatever the texts.
std::size_t findText(std::string_view text, std::string_view part, std::size_t from = 0);

/// How often `part` stands in `text` without overlap; for an empty part one more than there are characters.
std::size_t countText(std::string_view text, std::string_view part);

/// The first `most` (all when negative) of `part` replaced, as str.replace does it.
std::string replaced(std::string_view text, std::string_view part, std::string_view by, long long most);

std::string upperCase(std::string_view text);
std::string lowerCase(std::string_view text);
std::string titleCase(std::string_view text);   ///< str.title
std::string capitalized(std::string_view text); ///< str.capitalize
std::string swappedCase(std::string_view text);

/// What str.isupper and its like ask.
enum class Class { Upper, Lower, Title, Alphabetic, AlphaNumeric, Decimal, Digit, Numeric, Blank, Printable, Ascii, Identifier };
bool isAll(std::string_view text, Class which);

/// Can repr show it as it is?
bool isPrintable(char32_t character);
bool startsIdentifier(char32_t character);
bool continuesIdentifier(char32_t character);

/// "&", "<", ">", "'" and '"' as HTML writes them.
std::string escapedHtml(std::string_view text);

} // namespace winnow::jinja
