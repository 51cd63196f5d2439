// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/expression_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace winnow {

std::string atColumn(std::size_t place, std::string_view what) { return fmt::format("column {}: {}", place + 1, what); }

std::string strangeCharacter(std::string_view text)
{
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-*/^(),<>=!&|?: ";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (kAllowed.find(text[i]) == std::string_view::npos) {
            const bool printable = text[i] > ' ' && text[i] < 127;
            return atColumn(i, fmt::format("{} is no part of an expression",
                                           printable ? fmt::format("'{}'", text[i]) : std::string("this character")));
        }
        if (std::string_view("=!<>").find(text[i]) != std::string_view::npos && text.substr(i + 1).starts_with('='))
            ++i; // a comparison
        else if (text[i] == '=')
            return atColumn(i, "'=' sets a quantity, which is not possible; '==' compares");
    }
    return {};
}

std::size_t questionWithoutColon(std::string_view text)
{
    std::vector<std::size_t> open; // places of '?' and '(' that are not closed
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool asked = !open.empty() && text[open.back()] == '?';
        if (text[i] == '?' || text[i] == '(')
            open.push_back(i);
        else if (text[i] == ')' && asked)
            break;
        else if ((text[i] == ':' && asked) || (text[i] == ')' && !open.empty()))
            open.pop_back();
    }
    const auto first = std::find_if(open.begin(), open.end(), [&](std::size_t place) { return text[place] == '?'; });
    return first == open.end() ? std::string_view::npos : *first;
}

std::size_t outerComma(std::string_view text)
{
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (text[i] == ',' && depth == 0)
            return i;
    }
    return std::string_view::npos;
}

std::size_t placeOf(const mu::ParserError& error, std::string_view text)
{
    const std::string& found = error.GetToken();
    const auto given = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(0, error.GetPos())), 0, text.size());
    if (error.GetCode() == mu::ecMISSING_ELSE_CLAUSE)
        return std::min(questionWithoutColon(text), text.size());
    if (error.GetCode() == mu::ecMISPLACED_COLON)
        return std::min(text.find_last_of(':', given), text.size());
    if (error.GetCode() == mu::ecUNEXPECTED_ARG)
        return std::min(text.find_last_of(',', given), given);
    if (given == 0 || found.empty() || text.substr(given).starts_with(found))
        return given;
    const auto before = text.find_last_not_of(' ', given - 1); // the end of a token that stands before it
    if (before == std::string_view::npos || !text.substr(0, before + 1).ends_with(found))
        return given;
    return before + 1 - found.size();
}

} // namespace winnow
