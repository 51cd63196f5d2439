// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/score_text.h"

#include "core/io/ordered_json.h"

namespace winnow::tasks {

namespace {

using nlohmann::ordered_json;

/// A row as members in the order of the columns.
ordered_json membersOf(const ScoreRow& row)
{
    ordered_json members;
    const auto known = [](Said said) { return said == Said::Unsaid ? ordered_json() : ordered_json(saidTitle(said)); };
    members["series"] = row.series;
    members["task"] = row.task;
    members["part"] = row.part;
    members["profile"] = row.profile->name;
    members["score"] = row.score == nullptr ? "mean" : row.score->name;
    members["n"] = row.count;
    members["value"] = row.value;
    members["low"] = row.interval ? ordered_json(row.interval->low) : ordered_json();
    members["high"] = row.interval ? ordered_json(row.interval->high) : ordered_json();
    members["scale"] = row.score == nullptr ? ordered_json() : ordered_json(row.score->scale);
    members["query_aware"] = known(row.queryAware);
    members["chat_template"] = known(row.chatTemplate);
    members["cut"] = row.cut.empty() ? ordered_json() : ordered_json(row.cut);
    members["stored_slots"] = row.storedSlots ? ordered_json(*row.storedSlots) : ordered_json();
    members["cache_bytes"] = row.cacheBytes ? ordered_json(*row.cacheBytes) : ordered_json();
    const bool rule = row.score != nullptr;
    members["profile_chat"] = rule ? ordered_json(chatTitle(row.rule.chat)) : ordered_json();
    members["profile_cut"] = rule ? ordered_json(cutTitle(row.rule.cut)) : ordered_json();
    members["profile_question"] = rule ? ordered_json(questionTitle(row.rule.question)) : ordered_json();
    members["new_tokens"] = rule ? ordered_json(row.rule.newTokens) : ordered_json();
    members["source"] = rule ? ordered_json(row.score->source) : ordered_json();
    return members;
}

std::string cellOf(const ordered_json& value)
{
    if (value.is_null())
        return "";
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char character : text)
        quoted += character == '"' ? "\"\"" : std::string(1, character);
    return quoted + "\"";
}

} // namespace

std::string scoresAsCsv(const ScoreTable& table)
{
    std::string text = "# format: winnow-scores\n# intervals: percentile bootstrap over answers, 95 %\n";
    bool first = true;
    for (const ScoreRow& row : table.rows) {
        const ordered_json members = membersOf(row);
        std::string names, cells;
        for (const auto& [name, value] : members.items()) {
            const std::string_view gap = names.empty() ? "" : ",";
            names.append(gap).append(name);
            cells.append(gap).append(cellOf(value));
        }
        text += first ? names + "\n" + cells + "\n" : cells + "\n";
        first = false;
    }
    return text;
}

std::string scoresAsJson(const ScoreTable& table)
{
    ordered_json document{{"format", "winnow-scores"}, {"version", 1}, {"rows", ordered_json::array()}};
    for (const ScoreRow& row : table.rows)
        document["rows"].push_back(membersOf(row));
    return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

} // namespace winnow::tasks
