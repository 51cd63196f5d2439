// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at the text of an expression where muParser does not tell the place of a fault. Each function passes once over the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace winnow {

/// `what` behind the column of `place`, which counts from 0: "column 5: …".
std::string atColumn(std::size_t place, std::string_view what);

/// A character that no expression has, or an '=' alone, as a sentence; "" where there is none. muParser reads its own strings and
/// any letters, and would set a quantity.
std::string strangeCharacter(std::string_view text);

/// The first '?' that no ':' follows within its parentheses; npos where there is none.
std::size_t questionWithoutColon(std::string_view text);

/// The first comma outside of all parentheses; npos where there is none.
std::size_t outerComma(std::string_view text);

} // namespace winnow
