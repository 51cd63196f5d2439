// SPDX-License-Identifier: GPL-3.0-or-later
// What a program of Winnow's says last where memory ran out.
#pragma once

namespace winnow::cli {

/// One sentence to standard error. It asks for no memory.
void sayMemoryRanOut();

/// From now on an exception of missing memory that nothing can catch ends the program with that sentence and exit code 1: a
/// library that throws while it cleans up (QCustomPlot and nlohmann's JSON do). What was written half is removed.
void endWithSentence();

} // namespace winnow::cli
