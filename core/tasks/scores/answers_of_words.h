// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of short answers by the words, numbers, labels and pieces that they hold. All are 0 to 1. Pure; any thread.
#pragma once

#include "core/tasks/text/python_text.h"

#include <optional>
#include <span>
#include <vector>

namespace winnow::tasks {

/// QA-F1 of LongBench (THUDM/LongBench 2e00731, metrics.py): both in lower case, without the punctuation of ASCII, without the
/// words a, an and the; f1 of what is left as bags of words. 0 where nothing is common.
double wordF1(CharactersView prediction, CharactersView reference);

/// QA-F1 of SCBench for Chinese (microsoft/MInference fb56c91): a character is a word; blanks and punctuation go.
double characterF1(CharactersView prediction, CharactersView reference);

/// Classification of LongBench: 1 / (how many names of classes the prediction holds) where the right one is among them. As the
/// reference, it strikes out names that are part of the right one while it walks the list, and so passes over the next name.
double classification(CharactersView prediction, CharactersView reference, std::span<const Characters> classes);

/// Count of LongBench: the share of the prediction's numbers that are the right one; 0 where it has none.
double numberShare(CharactersView prediction, CharactersView reference);

/// The number of a reference "Paragraph 12" or "段落12": the first one that stands right behind `word`; nothing where none does.
std::optional<Characters> numberBehind(CharactersView reference, CharactersView word);

/// Whether the first number of the prediction (0 to 9 only) is the reference (SCBench's passkey).
bool firstNumberIs(CharactersView prediction, CharactersView reference);

/// Whether the first number, with a fraction where it has one, has the reference's whole part (SCBench's math_find); `fraction`:
/// its whole value.
bool firstNumberEquals(CharactersView prediction, double reference, bool fraction);

/// The share of the references that the prediction holds, whatever the case (RULER's string_match_all). There must be one.
double shareHeld(CharactersView prediction, std::span<const Characters> references);

/// |words of the prediction ∩ words of the reference| / |words of the reference|, as sets, in lower case, punctuation kept (the
/// needle score that KVCache-Factory c97f9d7 draws). 0 for a reference without words.
double wordSetShare(CharactersView prediction, CharactersView reference);

/// The letter A to D that "The correct answer is (X)", or else "The correct answer is X", names; asterisks do not count
/// (LongBench v2, pred.py).
std::optional<char32_t> chosenLetter(CharactersView prediction);

/// Whether "The correct answer is" is anywhere followed by `letter`, in parentheses or not (kvpress 8bb29b9).
bool namesLetter(CharactersView prediction, CharactersView letter);

/// Whether the choice of A to D that the prediction opens with, or names behind "answer is", is among the labels (SCBench).
bool choosesLabel(CharactersView prediction, std::span<const Characters> labels);

} // namespace winnow::tasks
