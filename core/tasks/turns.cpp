// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/turns.h"

#include "core/io/json_members.h"

#include <algorithm>
#include <array>

namespace winnow::tasks {

namespace {

using nlohmann::json;

constexpr std::array kOptions{"option_A", "option_B", "option_C", "option_D"};

/// Of the first line that says "The … is" what stands there, in lower case; "" where none does.
std::string statisticOf(std::string_view input)
{
    constexpr std::string_view kThe = "The ", kIs = " is";
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        const std::size_t from = line.find(kThe), to = line.rfind(kIs);
        if (to != std::string_view::npos && from < to && to - from > kThe.size()) {
            std::string words(line.substr(from, to - from));
            std::ranges::transform(words, words.begin(),
                                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
            return words;
        }
        input.remove_prefix(std::min(line.size() + 1, input.size()));
    }
    return {};
}

/// The options by their letters. The answer's letter is right, too.
void addOptions(json& turn)
{
    const json options = member(turn, "options");
    for (std::size_t i = 0; options.is_array() && i < std::min(options.size(), kOptions.size()); ++i) {
        turn[kOptions[i]] = options[i];
        if (const json answer = member(turn, "answer"); answer.is_string() && answer == options[i])
            turn["answer"] = json::array({answer, std::string(1, static_cast<char>('A' + i))});
    }
}

} // namespace

Result<std::vector<json>> turnsOf(const json& object)
{
    const json& turns = member(object, "multi_turns");
    if (turns.is_null())
        return std::vector{object};
    if (!turns.is_array() || turns.empty())
        return fail(ErrorCode::BadInput,
                    "has no turns in its member 'multi_turns', which is a list of objects with 'input' and 'answer'");
    std::vector<json> all;
    for (const json& turn : turns) {
        if (!turn.is_object())
            return fail(ErrorCode::BadInput,
                        "has a turn in its member 'multi_turns' that is no object with 'input' and 'answer'");
        json one = object;
        one.erase("multi_turns");
        if (!one.contains("context"))
            one["context"] = member(object, "input"); // as SCBench's code does it
        one.update(turn);
        one["turn"] = all.size();
        one["first_input"] = textOf(turns.front(), "input");
        if (const std::string statistic = statisticOf(textOf(turn, "input")); !statistic.empty())
            one["statistic"] = statistic;
        addOptions(one);
        all.push_back(std::move(one));
    }
    return all;
}

} // namespace winnow::tasks
