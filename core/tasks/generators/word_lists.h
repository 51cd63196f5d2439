// SPDX-License-Identifier: GPL-3.0-or-later
// Plain English words to make tasks of. RULER takes those of the package wonderwords; these are others, so its examples are not
// repeated letter by letter.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::tasks {

std::span<const std::string_view> nouns();
std::span<const std::string_view> adjectives();
std::span<const std::string_view> verbs();

/// At least `count` different words, in an order that does not change: nouns, adjectives and verbs, then adjective-noun pairs.
/// Fewer where even those do not suffice (about 20,000).
std::vector<std::string> wordsForLists(std::size_t count);

} // namespace winnow::tasks
