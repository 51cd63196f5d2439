// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody meant who wrote a policy line as a sentence: `snapkv budget=64 then h2o` means `snapkv:budget=64,then=h2o`.
#pragma once

#include <string>
#include <string_view>

namespace winnow {

/// `line` with a colon behind the first word, commas for blanks, semicolons, `+` and `->` outside double quotes, and `then=`
/// before the name of a second policy. It need not be a line that can be read.
std::string meantLine(std::string_view line);

} // namespace winnow
