// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/answer.h"

#include "core/io/ordered_json.h"

namespace winnow::tasks {

namespace {

template <class Value>
void put(nlohmann::ordered_json& line, const char* key, const std::optional<Value>& value)
{
    if (value)
        line[key] = *value;
}

void put(nlohmann::ordered_json& line, const char* key, const std::string& text)
{
    if (!text.empty())
        line[key] = text;
}

} // namespace

std::string answerKey(const Answer& answer)
{
    return fmt::format("{}\x1f{}\x1f{}\x1f{}", answer.series, answer.task, answer.id, answer.turn);
}

std::string answerLine(const Answer& answer)
{
    nlohmann::ordered_json line;
    line["winnow"] = 1;
    line["task"] = answer.task;
    line["id"] = answer.id;
    put(line, "series", answer.series);
    if (answer.turn != 0)
        line["turn"] = answer.turn;
    line["prediction"] = answer.prediction;
    line["references"] = answer.references;
    if (!answer.classes.empty())
        line["classes"] = answer.classes;
    put(line, "length", answer.length);
    put(line, "difficulty", answer.difficulty);
    put(line, "size", answer.size);
    put(line, "depth", answer.depth);
    put(line, "context_length", answer.contextLength);
    put(line, "query_aware", answer.queryAware);
    put(line, "chat_template", answer.chatTemplate);
    put(line, "cut", answer.cut);
    put(line, "asked", answer.asked);
    put(line, "prompt_tokens", answer.promptTokens);
    put(line, "new_tokens", answer.newTokens);
    put(line, "seed", answer.seed);
    put(line, "temperature", answer.temperature);
    put(line, "stored_slots", answer.storedSlots);
    put(line, "cache_bytes", answer.cacheBytes);
    put(line, "model", answer.model);
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace winnow::tasks
