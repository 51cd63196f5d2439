// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/meant_line.h"

#include <algorithm>
#include <array>
#include <vector>

namespace winnow {

namespace {

constexpr std::string_view kBreaks = " \t\n\r,;+";
constexpr std::array<std::string_view, 4> kIdle{"then", "followed", "by", "and"};

/// Whether only the policy's name was read yet.
bool named(const std::vector<std::string>& words) { return words.size() == 1 || (words.size() == 2 && words.back().empty()); }

/// The words of a line. A break inside double quotes or braces is none, and there is none around `=`.
std::vector<std::string> wordsOf(std::string_view line)
{
    std::vector<std::string> words(1);
    bool quoted = false, joins = false;
    int braces = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        quoted ^= c == '"';
        braces += quoted ? 0 : (c == '{') - (c == '}');
        const bool arrow = line.substr(at, 2) == "->";
        const bool breaks = arrow || kBreaks.find(c) != std::string_view::npos || (c == ':' && named(words));
        if (quoted || braces > 0 || !breaks) {
            if (c == '=' && words.back().empty() && words.size() > 1)
                words.pop_back();
            joins = c == '=';
            words.back() += c;
        } else if (!words.back().empty() && !joins) {
            words.emplace_back();
        }
        at += arrow && !quoted && braces <= 0 ? 1 : 0;
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

} // namespace

std::string meantLine(std::string_view line)
{
    std::string meant;
    for (const std::string& word : wordsOf(line)) {
        if (std::find(kIdle.begin(), kIdle.end(), word) != kIdle.end())
            continue;
        const bool first = meant.empty(), whole = first || word.find('=') < word.find('{');
        meant += first ? "" : meant.find(':') == std::string::npos ? ":" : ",";
        meant += whole ? word : "then=" + word;
    }
    return meant;
}

} // namespace winnow
