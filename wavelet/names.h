// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

/// Names as a person types them, and sentences about them. Private to the room.
namespace winnow::wavelet {

/// ASCII letters in lower case, the rest as it is.
std::string lowerCase(std::string_view text);

inline void appendPart(std::string& text, std::string_view part) { text.append(part); }
void appendPart(std::string& text, double number); // as short as it can be without another value
inline void appendPart(std::string& text, std::integral auto number) { text.append(std::to_string(number)); }

/// Words and numbers one after the other.
template <class... Parts>
std::string sentence(const Parts&... parts)
{
    std::string text;
    (appendPart(text, parts), ...);
    return text;
}

/// The one of `names` (not empty) with the fewest insertions, deletions and replacements from `typed`; of equals the first.
std::string_view nearestName(std::span<const std::string_view> names, std::string_view typed);

} // namespace winnow::wavelet
