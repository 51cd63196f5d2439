// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/answer_reader.h"

#include "core/base/printable.h"
#include "core/io/json_members.h"
#include "core/tasks/task_catalog.h"

#include <algorithm>
#include <array>

namespace winnow::tasks {

namespace {

using nlohmann::json;

constexpr JsonLimits kLineLimits{.refuseDuplicateKeys = false};
/// The answer that the usual needle hides; its scripts write the needle only.
constexpr std::string_view kUsualAnswer = "eat a sandwich and sit in Dolores Park on a sunny day.";

/// Text, or a number as Python writes it; nothing for anything else.
std::optional<std::string> plainText(const json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() ? std::optional(value.dump()) : std::nullopt;
}

std::string kindOf(const json& value) { return value.is_null() ? "nothing" : fmt::format("a JSON {}", value.type_name()); }

/// A text, a number, or a list of them.
Result<std::vector<std::string>> textsOf(const json& value, std::string_view key)
{
    std::vector<std::string> texts;
    const auto add = [&](const json& one) {
        auto text = plainText(one);
        if (text)
            texts.push_back(std::move(*text));
        return text.has_value();
    };
    if (value.is_array()) {
        for (const json& one : value)
            if (!add(one))
                return fail(ErrorCode::BadInput, "'{}' holds {} where a text is expected", key, kindOf(one));
    } else if (!add(value)) {
        return fail(ErrorCode::BadInput, "'{}' is {}, expected a text or a list of texts", key, kindOf(value));
    }
    return texts;
}

/// The first member of these names that is there, with its name.
std::pair<const json*, const char*> firstOf(const json& object, std::initializer_list<const char*> keys)
{
    for (const char* const key : keys)
        if (object.contains(key))
            return {&object[key], key};
    return {nullptr, nullptr};
}

std::optional<std::int64_t> countIn(const json& object, const char* key)
{
    const auto value = wholeNumber(member(object, key), INT64_MAX);
    return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

std::optional<bool> flagIn(const json& object, const char* key)
{
    const json& value = member(object, key);
    return value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt;
}

/// `value` as one text: itself, or the first of (lists of) texts, as lm-evaluation-harness nests them.
std::optional<std::string> firstText(const json& value)
{
    const json* at = &value;
    while (at->is_array() && !at->empty())
        at = &at->front();
    return at->is_string() ? std::optional(at->get<std::string>()) : std::nullopt;
}

/// What all layouts may have beside prediction and references.
void readFacts(const json& object, Answer& answer)
{
    answer.length = numberIn(object, "length");
    answer.depth = numberIn(object, "depth");
    for (const char* const key : {"depth_percent", "needle_depth"})
        if (!answer.depth)
            answer.depth = numberIn(object, key);
    answer.difficulty = textOf(object, "difficulty");
    answer.size = textOf(object, object.contains("size") ? "size" : "length"); // LongBench v2 calls the size a length
    answer.queryAware = flagIn(object, "query_aware");
    answer.chatTemplate = flagIn(object, "chat_template");
    answer.promptTokens = countIn(object, "prompt_tokens");
    answer.newTokens = countIn(object, "new_tokens");
    answer.contextLength = countIn(object, "context_length");
    answer.cacheBytes = countIn(object, "cache_bytes");
    answer.storedSlots = numberIn(object, "stored_slots");
    answer.temperature = numberIn(object, "temperature");
    answer.seed = countIn(object, "seed");
    answer.model = textOf(object, "model");
    answer.cut = textOf(object, "cut");
    answer.asked = textOf(object, "asked");
    if (const auto [id, key] = firstOf(object, {"id", "_id", "index", "doc_id"}); id != nullptr)
        answer.id = plainText(*id).value_or("");
    for (const char* const key : {"turn", "turn_idx"})
        if (const auto turn = wholeNumber(member(object, key), 1 << 20))
            answer.turn = static_cast<int>(*turn);
}

Result<void> readPrediction(const json& object, Answer& answer)
{
    const auto [value, key] =
        firstOf(object, {"filtered_resps", "resps", "predicted_answer", "model_response", "response", "prediction", "pred"});
    if (value == nullptr)
        return fail(
            ErrorCode::BadInput,
            "holds no answer: none of 'prediction', 'pred', 'predicted_answer', 'response', 'model_response', 'filtered_resps'");
    auto text = firstText(*value);
    if (!text)
        return fail(ErrorCode::BadInput, "'{}' is {}, expected a text", key, kindOf(*value));
    answer.prediction = std::move(*text);
    return {};
}

/// The needle last, what is asked for first.
Result<void> readNeedle(const json& object, Answer& answer)
{
    WINNOW_TRY(const auto needle, textsOf(member(object, "needle"), "needle"));
    const json& asked = member(object, "needle_answer");
    if (asked.is_string())
        answer.references.push_back(asked.get<std::string>());
    else if (needle.size() == 1 && needle.front().find(kUsualAnswer) != std::string::npos)
        answer.references.emplace_back(kUsualAnswer);
    answer.references.insert(answer.references.end(), needle.begin(), needle.end());
    return {};
}

Result<void> readReferences(const json& object, Answer& answer)
{
    if (object.contains("needle"))
        return readNeedle(object, answer);
    const auto [value, key] = firstOf(object, {"references", "answers", "outputs", "output", "ground_truth", "label", "answer"});
    if (value == nullptr)
        return fail(ErrorCode::BadInput,
                    "holds no right answer: none of 'references', 'answers', 'outputs', 'ground_truth', 'answer', 'needle'");
    WINNOW_TRY(answer.references, textsOf(*value, key));
    return {};
}

std::string taskIn(const json& object, const AnswerSource& source)
{
    for (const char* const key : {"task", "dataset"})
        if (std::string name = textOf(object, key); findTask(name) != nullptr || (!name.empty() && source.task.empty()))
            return name;
    if ((object.contains("model_response") || object.contains("needle")) && source.task.empty())
        return "needle";
    if (object.contains("choice_A") && source.task.empty())
        return "longbench-v2";
    return source.task;
}

/// lm-evaluation-harness puts the example into a member of its own.
const json& exampleIn(const json& object) { return member(object, "doc").is_object() ? object["doc"] : object; }

Result<Answer> answerIn(const json& object, const AnswerSource& source)
{
    WINNOW_TRY(Answer answer, answerWithout(object, source));
    WINNOW_TRY_VOID(readPrediction(object, answer));
    return answer;
}

/// Its error is the rest of a sentence that begins with the line.
Result<json> objectOf(std::string_view line)
{
    constexpr std::string_view kOpening = "it ";
    auto object = parseJson(line, "it", kLineLimits);
    if (object)
        return object;
    Error error = std::move(object).error();
    if (error.message.starts_with(kOpening))
        error.message.erase(0, kOpening.size());
    return fail(std::move(error));
}

/// The objects of a text that is one array, or one object over several lines.
std::optional<json> wholeDocument(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return std::nullopt;
    const std::string_view opening = text.substr(first, text.find('\n', first) - first);
    if (text[first] != '[' && opening.find_last_not_of(" \t\r") != 0)
        return std::nullopt;
    auto parsed = parseJson(text, "", kLineLimits);
    if (!parsed)
        return std::nullopt;
    return parsed->is_array() ? std::move(*parsed) : json::array({std::move(*parsed)});
}

} // namespace

AnswerSource sourceOf(const std::filesystem::path& path)
{
    std::string stem = path.stem().string();
    if (findTask(stem) != nullptr)
        return {stem, ""};
    const std::string folder = path.parent_path().filename().string();
    if (findTask(folder) != nullptr)
        return {folder, stem};
    // "samples_longbench_trec_2026-…", "prediction_scbench_kv_scdq": the longest name of a task in it
    const TaskInfo* best = nullptr;
    for (const TaskInfo& task : taskCatalog()) {
        const std::size_t at = stem.find(task.name);
        const std::size_t end = at + task.name.size();
        if (at == std::string::npos || (at > 0 && stem[at - 1] != '_' && stem[at - 1] != '-') ||
            (end < stem.size() && stem[end] != '_' && stem[end] != '-'))
            continue;
        if (best == nullptr || task.name.size() > best->name.size())
            best = &task;
    }
    return {best == nullptr ? "" : std::string(best->name), ""};
}

Result<Answer> answerWithout(const json& object, const AnswerSource& source)
{
    if (!object.is_object())
        return fail(ErrorCode::BadInput, "is {}, expected an object with an answer", kindOf(object));
    const json& example = exampleIn(object);
    Answer answer;
    answer.task = taskIn(object, source);
    answer.series = object.contains("series") ? textOf(object, "series") : source.series;
    if (answer.task.empty())
        return fail(ErrorCode::BadInput, "names no task, and the file's name is none; say --task");
    if (findTask(answer.task) == nullptr)
        return fail(ErrorCode::BadInput,
                    "names the task '{}', which is not scored here; did you mean '{}'? `winnow tasks` lists them",
                    shortPrintable(answer.task, 60), nearestTask(answer.task));
    readFacts(example, answer);
    if (answer.id.empty())
        if (const auto [id, key] = firstOf(object, {"id", "doc_id"}); id != nullptr)
            answer.id = plainText(*id).value_or("");
    WINNOW_TRY_VOID(readReferences(example, answer));
    if (const auto [classes, key] = firstOf(example, {"classes", "all_classes"}); classes != nullptr && !classes->is_null()) {
        WINNOW_TRY(answer.classes, textsOf(*classes, key));
    }
    return answer;
}

Result<Answer> parseAnswer(std::string_view line, const AnswerSource& source)
{
    WINNOW_TRY(const json object, objectOf(line));
    return answerIn(object, source);
}

void forEachObject(std::string_view text, const std::function<void(std::size_t line, const Result<json>& object)>& use)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    if (const auto document = wholeDocument(text)) {
        for (std::size_t i = 0; i < document->size(); ++i)
            use(i + 1, (*document)[i]);
        return;
    }
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(" \t\r") != std::string_view::npos)
            use(number, objectOf(line));
    }
}

AnswerSet parseAnswers(std::string_view text, const AnswerSource& source)
{
    AnswerSet set;
    forEachObject(text, [&](std::size_t line, const Result<json>& object) {
        auto answer = object ? answerIn(*object, source) : Result<Answer>(tl::unexpected<Error>(object.error()));
        if (answer) {
            set.answers.push_back(std::move(*answer));
            set.lines.push_back(line);
        } else {
            set.bad.push_back({line, answer.error().message});
        }
    });
    return set;
}

} // namespace winnow::tasks
