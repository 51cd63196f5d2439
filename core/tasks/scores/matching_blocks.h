// SPDX-License-Identifier: GPL-3.0-or-later
// How alike two texts are by Ratcliff and Obershelp's rule, as Python's difflib computes it. Pure; any thread.
#pragma once

#include "core/tasks/scores/watch.h"
#include "core/tasks/text/python_text.h"

#include <cstddef>

namespace winnow::tasks {

/// SequenceMatcher(None, a, b): the longest common piece, and the same again to both sides of it; how many characters that are.
/// In a `b` of 200 and more, characters that make up more than a hundredth of it begin no piece (they extend one).
/// Source: CPython 3.11, Lib/difflib.py. Cost: at worst |a| · |b| for every piece.
std::size_t matchedCharacters(CharactersView a, CharactersView b, Watch& watch = Watch::none());

} // namespace winnow::tasks
