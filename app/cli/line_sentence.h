// SPDX-License-Identifier: GPL-3.0-or-later
// Error sentences about the command line, in place of those of CLI11.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace winnow::cli {

/// "--tokens takes a number above 0, not 'many'". `command` is the command that was named, or the program.
std::string lineSentence(const CLI::App& command, const CLI::ParseError& error);

/// The first word that `command` does not know, as a sentence with the nearest right one; nothing where it knows all.
std::optional<std::string> unknownWord(const CLI::App& command);

/// The option of `names` that `word` is nearest to.
std::string nearestOf(const std::string& word, const std::vector<std::string>& names);

} // namespace winnow::cli
