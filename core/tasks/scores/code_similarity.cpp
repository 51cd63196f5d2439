// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/code_similarity.h"

#include "core/tasks/scores/common_subsequence.h"
#include "core/tasks/scores/matching_blocks.h"

#include <cmath>

namespace winnow::tasks {

int fuzzyRatio(CharactersView a, CharactersView b, RatioBackEnd backEnd, Watch& watch)
{
    if (a == b)
        return 100;
    if (a.empty() || b.empty())
        return 0;
    const auto both = static_cast<double>(a.size() + b.size());
    // Each in the order of operations of its source: the last bit decides which way a half is rounded.
    const double ratio = backEnd == RatioBackEnd::Difflib
                             ? 2.0 * static_cast<double>(matchedCharacters(a, b, watch)) / both
                             : 1.0 - static_cast<double>(a.size() + b.size() - 2 * commonLength(a, b, watch)) / both;
    return static_cast<int>(std::nearbyint(100 * ratio));
}

CharactersView judgedLine(CharactersView prediction, bool skipBlank)
{
    for (const CharactersView line : separatedBy(prediction, U'\n'))
        if (!(skipBlank && stripped(line).empty()) && !holds(line, U"`") && !holds(line, U"#") && !holds(line, U"//"))
            return line;
    return {};
}

} // namespace winnow::tasks
