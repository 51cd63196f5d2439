// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at the text of an expression where muParser does not tell the place of a fault. Each function passes once over the text.
#pragma once

#include <muParser.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace winnow {

/// A message with its column in front: "column 5: …". `place` counts characters from 0, columns count from 1.
std::string atColumn(std::size_t place, std::string_view what);

/// A sentence about the first character that no expression may contain, or about a single '='; "" where there is none. muParser
/// itself would accept strings and any letters, and would take '=' as an assignment to a quantity.
std::string strangeCharacter(std::string_view text);

/// The first '?' that no ':' follows within its parentheses; npos where there is none.
std::size_t questionWithoutColon(std::string_view text);

/// The first comma outside of all parentheses; npos where there is none.
std::size_t outerComma(std::string_view text);

/// The place of the token that `error` is about; of a comma between values, that of the comma. muParser gives that of a token's
/// begin or of its end, and for some none.
std::size_t placeOf(const mu::ParserError& error, std::string_view text);

} // namespace winnow
