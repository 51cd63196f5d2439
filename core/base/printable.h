// SPDX-License-Identifier: GPL-3.0-or-later
// Text from files and command lines as it may be shown: nothing in it moves a terminal's cursor, colors it or turns its
// direction.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace winnow {

/// `text` with what is not printable written out: "\n", "\t", "\r", "\x1b", "\u{202e}"; bytes that are no UTF-8 become U+FFFD.
/// All other Unicode stays as it is. Characters in `keep` (ASCII) stay too.
std::string printable(std::string_view text, std::string_view keep = {});

/// The same, cut in the middle to about `most` bytes, for a sentence: its end says what to do.
std::string shortPrintable(std::string_view text, std::size_t most = 1200);

} // namespace winnow
