// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/quoted_value.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr char kQuote = '"';

/// The place of the closing brace, quoted ones aside; the end of `text` where there is none.
std::size_t closingBrace(std::string_view text, std::size_t open)
{
    bool inQuotes = false;
    for (std::size_t at = open; at < text.size(); ++at) {
        inQuotes ^= text[at] == kQuote;
        if (text[at] == '}' && !inQuotes)
            return at;
    }
    return text.size();
}

} // namespace

std::size_t endOfValue(std::string_view rest, bool braces)
{
    const auto comma = [&](std::size_t from) { return rest.find(',', std::min(from, rest.size())); };
    if (rest.starts_with(kQuote))
        return comma(rest.find(kQuote, 1));
    const std::size_t open = braces ? rest.find('{') : std::string_view::npos;
    return open < comma(0) ? comma(closingBrace(rest, open)) : comma(0);
}

std::string_view unquoted(std::string_view value)
{
    const bool quoted = value.size() >= 2 && value.starts_with(kQuote) && value.find(kQuote, 1) == value.size() - 1;
    return quoted ? value.substr(1, value.size() - 2) : value;
}

std::string quotedIfNeeded(std::string_view value)
{
    const bool plain = value.find_first_of(",{}") == std::string_view::npos;
    return plain ? std::string(value) : kQuote + std::string(value) + kQuote;
}

} // namespace winnow
