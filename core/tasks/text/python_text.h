// SPDX-License-Identifier: GPL-3.0-or-later
// Texts as the published scorers see them: sequences of code points, with Python's notions of blank, digit, word and lower case.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winnow::tasks {

using Characters = std::u32string;
using CharactersView = std::u32string_view;

/// One code point an entry; bytes that are no UTF-8 become U+FFFD each.
Characters charactersOf(std::string_view utf8);
std::string utf8Of(CharactersView text);

/// What str.split() splits at and str.strip() removes.
bool isBlank(char32_t character);
/// What `\d` of Python's regular expressions matches: decimal digits of every script.
bool isDigit(char32_t character);
/// What `\w` matches: letters and numbers of every script, and "_".
bool isWordCharacter(char32_t character);
/// string.punctuation: the 32 marks of ASCII.
bool isAsciiPunctuation(char32_t character);

/// str.lower(): every code point alone, but for İ, which becomes two, and the last Σ of a word.
Characters lowered(CharactersView text);

CharactersView strippedLeft(CharactersView text);
CharactersView stripped(CharactersView text);
/// `text` without the line feeds it begins with.
CharactersView withoutLeadingLines(CharactersView text);
/// Up to the first line feed.
CharactersView firstLine(CharactersView text);
/// str.split(): what stands between blanks, nothing empty. Views into `text`.
std::vector<CharactersView> blankSeparated(CharactersView text);
/// str.split(mark): everything between marks, also what is empty. Views into `text`.
std::vector<CharactersView> separatedBy(CharactersView text, char32_t mark);
/// re.findall(r"\d+", text). Views into `text`.
std::vector<CharactersView> digitRuns(CharactersView text);

inline bool holds(CharactersView text, CharactersView part) { return text.find(part) != CharactersView::npos; }

} // namespace winnow::tasks
