// SPDX-License-Identifier: GPL-3.0-or-later
// Values of a policy line that hold commas or braces: such a value stands in double quotes, score="max(mean,last)". Inside there
// is no double quote.
#pragma once

#include <string>
#include <string_view>

namespace winnow {

/// Where the value that `rest` begins with ends: at the first comma that stands outside double quotes and, if the value may have
/// `braces`, outside of them; npos where there is none.
std::size_t endOfValue(std::string_view rest, bool braces);

/// `value` without the quotes around it; unchanged where a quote is missing or something follows it.
std::string_view unquoted(std::string_view value);

/// `value`, in quotes if it would not be read back without them.
std::string quotedIfNeeded(std::string_view value);

} // namespace winnow
