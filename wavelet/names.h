#pragma once

#include <span>
#include <string>
#include <string_view>

/// Names as a person types them. Private to the room.
namespace winnow::wavelet {

/// ASCII letters in lower case, the rest as it is.
std::string lowerCase(std::string_view text);

/// The one of `names` (not empty) with the fewest insertions, deletions and replacements from `typed`; of equals the first.
std::string_view nearestName(std::span<const std::string_view> names, std::string_view typed);

} // namespace winnow::wavelet
