// SPDX-License-Identifier: GPL-3.0-or-later
// How alike a line of code is to the right one, in whole per cent, as fuzzywuzzy's ratio tells it. Pure; any thread.
#pragma once

#include "core/tasks/scores/watch.h"
#include "core/tasks/text/python_text.h"

namespace winnow::tasks {

/// What fuzzywuzzy counts with: python-Levenshtein where that is installed, else Python's difflib. The first is never below the
/// second, and often far above.
enum class RatioBackEnd { Levenshtein, Difflib };

/// 0 to 100, rounded half to even: 2 · matched / (|a| + |b|). Equal texts give 100, two empty ones too; one empty text gives 0.
/// Source: fuzzywuzzy 0.18.0, fuzz.ratio.
int fuzzyRatio(CharactersView a, CharactersView b, RatioBackEnd backEnd, Watch& watch = Watch::none());

/// The line that a prediction is judged by: the first that holds none of ` # //; "" where every line does. `skipBlank`: nor is it
/// blank (lm-evaluation-harness since version 6 of its tasks; LongBench takes blank lines).
CharactersView judgedLine(CharactersView prediction, bool skipBlank);

} // namespace winnow::tasks
