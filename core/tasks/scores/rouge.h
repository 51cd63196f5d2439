// SPDX-License-Identifier: GPL-3.0-or-later
// ROUGE, in the two forms that published tables use: they differ by more than rounding. Pure; any thread.
#pragma once

#include "core/tasks/scores/watch.h"
#include "core/tasks/text/python_text.h"

namespace winnow::tasks {

/// ROUGE-L as the package `rouge` (pltrdy/rouge c1b90a7) computes it, the f that LongBench and kvpress tell. Texts are split at
/// every "."; case counts; the union of the common subsequences and both lengths are sets of distinct words; f = 2pr / (p + r +
/// 1e-8). 0 where either text has no sentence, and where one pair of sentences takes more than 990 moves from its ends back to
/// its begins: the reference recurses once a move, and Python ends it there (with its usual limit, called as LongBench's eval.py
/// does).
double rougeL(CharactersView prediction, CharactersView reference, Watch& watch = Watch::none());

/// ROUGE-N of the same package: sets of distinct runs of n words. 0 where either text has no sentence.
double rougeN(CharactersView prediction, CharactersView reference, int n);

/// ROUGE-1 as google-research's package `rouge_score` 0.1.2 computes it with its stemmer: lower case, words of a to z and 0 to 9
/// only, those above three letters stemmed, counted as often as they come. Needle tests tell ten times that.
double stemmedRouge1(CharactersView prediction, CharactersView reference);

/// rougeLsum of the same package, without its stemmer: sentences are lines. SCBench reports it for summaries.
double summaryRougeL(CharactersView prediction, CharactersView reference, Watch& watch = Watch::none());

} // namespace winnow::tasks
