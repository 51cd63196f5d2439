// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/example.h"

#include "core/io/json_members.h"
#include "core/io/ordered_json.h"

namespace winnow::tasks {

std::string exampleLine(const Example& example)
{
    nlohmann::ordered_json line;
    line["winnow_example"] = 1; // first: by it the file is known as Winnow's
    line["task"] = example.task;
    line["index"] = example.index;
    if (example.turn != 0)
        line["turn"] = example.turn;
    line["input"] = example.context + example.question;
    line["question"] = example.question;
    line["answer_prefix"] = example.lead;
    line["outputs"] = example.references;
    line["length"] = example.length;
    line["max_new_tokens"] = example.newTokens;
    if (example.room > 0)
        line["context_length"] = example.room;
    if (example.depth)
        line["depth"] = *example.depth;
    line["seed"] = example.seed;
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<Example> parseExample(std::string_view line, std::string_view task)
{
    WINNOW_TRY(const nlohmann::json object, parseJson(line, "the example"));
    Example example;
    example.task = object.contains("task") ? textOf(object, "task") : std::string(task);
    example.context = textOf(object, "input");
    example.question = textOf(object, "question");
    example.lead = textOf(object, "answer_prefix");
    if (example.context.empty() || !example.context.ends_with(example.question))
        return fail(ErrorCode::BadInput, "the example has no 'input' that ends with its 'question'");
    example.context.resize(example.context.size() - example.question.size());
    const nlohmann::json& outputs = member(object, "outputs");
    if (!outputs.is_array() || outputs.empty())
        return fail(ErrorCode::BadInput, "the example has no 'outputs', expected a list of right answers");
    for (const nlohmann::json& one : outputs) {
        if (!one.is_string())
            return fail(ErrorCode::BadInput, "the example's 'outputs' hold a JSON {}, expected texts", one.type_name());
        example.references.push_back(one.get<std::string>());
    }
    example.index = static_cast<std::size_t>(wholeNumber(member(object, "index"), UINT32_MAX).value_or(0));
    example.turn = static_cast<int>(wholeNumber(member(object, "turn"), 1 << 20).value_or(0));
    example.length = static_cast<std::size_t>(wholeNumber(member(object, "length"), UINT32_MAX).value_or(0));
    example.room = static_cast<std::size_t>(wholeNumber(member(object, "context_length"), UINT32_MAX).value_or(0));
    example.newTokens = static_cast<int>(wholeNumber(member(object, "max_new_tokens"), 1 << 20).value_or(0));
    example.seed = wholeNumber(member(object, "seed"), UINT64_MAX).value_or(0);
    if (const nlohmann::json& depth = member(object, "depth"); depth.is_number())
        example.depth = depth.get<double>();
    return example;
}

} // namespace winnow::tasks
