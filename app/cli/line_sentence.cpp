// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/line_sentence.h"

#include "core/base/nearest.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace winnow::cli {

namespace {

/// What stands between `before` and `after` in `text`; of an empty `after`, the rest. Nothing where they are not there.
std::optional<std::string> between(const std::string& text, std::string_view before, std::string_view after)
{
    const std::size_t begin = text.find(before);
    if (begin == std::string::npos)
        return std::nullopt;
    const std::size_t from = begin + before.size(), end = after.empty() ? text.size() : text.find(after, from);
    return end == std::string::npos ? std::nullopt : std::optional(text.substr(from, end - from));
}

/// "a,b,c" as "a, b and c".
std::string joined(std::string list, std::string_view last = ", ")
{
    std::string_view between = last;
    for (std::size_t end = list.size(); end > 0; between = ", ") {
        end = list.rfind(',', end - 1);
        if (end == std::string::npos)
            break;
        list.replace(end, 1, between);
    }
    return list;
}

/// CLI11's validators: "Value 3 not in range 0.000000 to 1.000000", "f8 not in {float32,float16}".
std::string wrongValue(const CLI::Option* option, const std::string& name, const std::string& problem)
{
    const std::string type = option ? option->get_type_name() : std::string();
    if (const auto typed = between(problem, "Value ", " not in range ")) {
        if (type.find("POSITIVE") != std::string::npos)
            return fmt::format("{} takes a number above 0, not '{}'", name, *typed);
        if (type.find("NONNEGATIVE") != std::string::npos)
            return fmt::format("{} takes a number from 0 on, not '{}'", name, *typed);
        const auto least = between(problem, " not in range ", " to "),
                   most = between(problem, fmt::format(" {} to ", least.value_or("")), "");
        if (least && most)
            return fmt::format("{} takes a number from {} to {}, not '{}'", name, std::atof(least->c_str()),
                               std::atof(most->c_str()), *typed);
    }
    if (const std::size_t set = problem.find(" not in {"); set != std::string::npos && problem.ends_with('}'))
        return fmt::format("{} is one of {}, not '{}'", name, joined(*between(problem, " not in {", "}")),
                           problem.substr(0, set));
    return fmt::format("{} {}", name, problem);
}

} // namespace

std::string nearestOf(const std::string& word, const std::vector<std::string>& names)
{
    const std::vector<std::string_view> views(names.begin(), names.end());
    return std::string(nearest(word, views));
}

std::string lineSentence(const CLI::App& command, const CLI::ParseError& error)
{
    std::string said = error.what();
    std::replace(said.begin(), said.end(), '\n', ' ');
    const std::string kind = error.get_name();
    const std::size_t colon = said.find(": ");
    const std::string name = said.substr(0, colon), problem = colon == std::string::npos ? std::string() : said.substr(colon + 2);
    if (kind == "ValidationError" && !problem.empty())
        return wrongValue(command.get_option_no_throw(name), name, problem);
    if (kind == "ArgumentMismatch" && !problem.empty()) {
        const CLI::Option* found = command.get_option_no_throw(name);
        if (found && found->get_positional() && found->get_expected_max() > 1)
            return fmt::format("{} takes {} to {} files", name, found->get_expected_min(), found->get_expected_max());
        return name + (problem.find("received") != std::string::npos ? " is given more than once" : " needs a value");
    }
    if (kind == "ConversionError")
        if (const auto option = between(said, ": ", " = "), typed = between(said, " = ", ""); option && typed) {
            const CLI::Option* found = command.get_option_no_throw(*option);
            return found && found->get_type_size() == 0 ? fmt::format("{} takes no value", *option)
                                                        : fmt::format("{} takes a whole number, not '{}'", *option, *typed);
        }
    if (kind == "RequiresError")
        if (const std::size_t at = said.find(" requires "); at != std::string::npos)
            return fmt::format("{} needs {}", said.substr(0, at), said.substr(at + 10));
    if (kind == "RequiredError") {
        if (const auto choices = between(said, "[", "]"))
            return said.find("were given") == std::string::npos
                       ? fmt::format("one of {} is needed", joined(*choices, " and "))
                       : fmt::format("only one of {} can be given", joined(*choices, " and "));
        if (said == "A subcommand is required")
            return "a command is missing";
        if (said.ends_with(" is required"))
            return said.substr(0, said.size() - 9) + " missing";
    }
    return said;
}

std::optional<std::string> unknownWord(const CLI::App& command)
{
    if (command.remaining().empty())
        return std::nullopt;
    const std::string word = command.remaining().front(), wanted = word.substr(0, word.find('='));
    if (!word.starts_with("-"))
        return fmt::format("takes no further argument '{}'", word);
    std::vector<std::string> options{"--help"};
    for (const CLI::Option* option : command.get_options())
        for (const std::string& known : option->get_lnames())
            options.push_back("--" + known);
    return fmt::format("there is no option '{}', did you mean '{}'?", wanted, nearestOf(wanted, options));
}

} // namespace winnow::cli
