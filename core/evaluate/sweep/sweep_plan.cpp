// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/sweep/sweep_plan.h"

#include "core/base/nearest.h"
#include "core/base/printable.h"
#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/policy/policy_budgets.h"
#include "core/tasks/task_catalog.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace winnow {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::int64_t kMost = 1 << 24;

/// What a value is, in the words of JSON.
std::string_view kindOf(const json& value)
{
    return value.is_string()           ? "text"
           : value.is_number_integer() ? "a whole number"
           : value.is_number()         ? "a number"
           : value.is_boolean()        ? "true or false"
           : value.is_array()          ? (value.empty() ? "an empty list" : "a list")
           : value.is_object()         ? "an object"
                                       : "null";
}

/// An object of the plan, with its place for sentences.
class Members {
public:
    Members(const json& object, std::string place) : m_object(object), m_place(std::move(place)) {}

    const std::string& place() const { return m_place; }
    bool has(const char* key) const { return m_object.contains(key); }
    const json& operator[](const char* key) const { return member(m_object, key); }
    std::string at(std::string_view key) const { return fmt::format("{}, {}", m_place, key); }

    Result<void> knows(std::span<const std::string_view> known) const
    {
        for (const auto& [key, value] : m_object.items())
            if (std::ranges::find(known, key) == known.end())
                return fail(ErrorCode::BadInput, "{}: there is no member '{}', did you mean '{}'?", m_place,
                            shortPrintable(key, 80), nearest(key, known));
        return {};
    }
    /// Left as it is where the member is absent.
    Result<void> take(const char* key, std::string& text) const
    {
        if (!has(key))
            return {};
        if (!(*this)[key].is_string() || (*this)[key].get<std::string>().empty())
            return wrong(key, "text of at least one letter");
        text = (*this)[key].get<std::string>();
        return {};
    }
    Result<void> take(const char* key, std::string& word, std::span<const std::string_view> words) const
    {
        WINNOW_TRY_VOID(take(key, word));
        if (has(key) && std::ranges::find(words, word) == words.end())
            return fail(ErrorCode::BadInput, "{} is '{}', and it is one of {}", at(key), shortPrintable(word, 80),
                        fmt::join(words, ", "));
        return {};
    }
    Result<void> take(const char* key, int& number, std::int64_t least, std::int64_t most = kMost) const
    {
        if (!has(key))
            return {};
        const json& value = (*this)[key];
        if (!value.is_number_integer() || value < least || value > most)
            return wrong(key, fmt::format("a whole number from {} to {}", least, most));
        number = value.get<int>();
        return {};
    }
    Result<void> take(const char* key, bool& flag) const
    {
        if (!has(key))
            return {};
        if (!(*this)[key].is_boolean())
            return wrong(key, "true or false");
        flag = (*this)[key].get<bool>();
        return {};
    }
    Result<void> take(const char* key, fs::path& path, const fs::path& folder) const
    {
        std::string text;
        WINNOW_TRY_VOID(take(key, text));
        if (!text.empty())
            path = folder / text;
        return {};
    }
    /// `each` of a list that is not empty; of an absent one nothing.
    Result<void> each(const char* key, const std::function<Result<void>(const json& item, std::string place)>& each) const
    {
        if (!has(key))
            return {};
        const json& list = (*this)[key];
        if (!list.is_array() || list.empty())
            return wrong(key, "a list of one or more");
        for (std::size_t i = 0; i < list.size(); ++i)
            WINNOW_TRY_VOID(each(list[i], fmt::format("{}, {}[{}]", m_place, key, i)));
        return {};
    }

private:
    tl::unexpected<Error> wrong(const char* key, std::string_view wanted) const
    {
        const json& value = (*this)[key];
        const std::string found =
            value.is_number() || value.is_string() ? shortPrintable(value.dump(), 80) : std::string(kindOf(value));
        return fail(ErrorCode::BadInput, "{} is {}, and it is {}", at(key), found, wanted);
    }

    const json& m_object;
    std::string m_place;
};

constexpr std::string_view kDtypes[] = {"float32", "bfloat16", "float16"};
constexpr std::string_view kPositions[] = {"text", "slot"};
constexpr std::string_view kCompress[] = {"prompt", "context"};

Result<void> takeDtype(const Members& members, Dtype& dtype)
{
    std::string word;
    WINNOW_TRY_VOID(members.take("dtype", word, kDtypes));
    for (const Dtype one : {Dtype::Float32, Dtype::BFloat16, Dtype::Float16})
        if (word == dtypeName(one))
            dtype = one;
    return {};
}

/// "book.txt" for "texts/book.txt", "demo" for "models/demo/".
std::string lastName(const fs::path& path)
{
    const fs::path whole = path.lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

/// An item that may be short: a text stands for an object with only the member `key`.
json longForm(const json& item, const char* key) { return item.is_string() ? json{{key, item}} : item; }

Result<void> checkObject(const json& item, const std::string& place)
{
    if (!item.is_object())
        return fail(ErrorCode::BadInput, "{} is {}, and it is text or an object", place, kindOf(item));
    return {};
}

Result<PlanModel> modelOf(const json& item, std::string place, const fs::path& folder, Dtype dtype)
{
    static constexpr std::string_view kKnown[] = {"name", "path", "dtype"};
    WINNOW_TRY_VOID(checkObject(item, place));
    const Members members(item, std::move(place));
    WINNOW_TRY_VOID(members.knows(kKnown));
    PlanModel model{.dtype = dtype};
    WINNOW_TRY_VOID(members.take("path", model.path, folder));
    if (model.path.empty())
        return fail(ErrorCode::BadInput, "{} has no member 'path': a model's folder, or a GGUF file", members.place());
    model.name = lastName(model.path);
    WINNOW_TRY_VOID(members.take("name", model.name));
    WINNOW_TRY_VOID(takeDtype(members, model.dtype));
    return model;
}

Result<PlanText> textOf(const json& item, std::string place, const fs::path& folder)
{
    static constexpr std::string_view kKnown[] = {"name", "path", "tokens", "window", "stride", "positions"};
    WINNOW_TRY_VOID(checkObject(item, place));
    const Members members(item, std::move(place));
    WINNOW_TRY_VOID(members.knows(kKnown));
    PlanText text;
    WINNOW_TRY_VOID(members.take("path", text.path, folder));
    if (text.path.empty())
        return fail(ErrorCode::BadInput, "{} has no member 'path': a UTF-8 text file", members.place());
    text.name = lastName(text.path);
    WINNOW_TRY_VOID(members.take("name", text.name));
    WINNOW_TRY_VOID(members.take("tokens", text.tokens, 2));
    WINNOW_TRY_VOID(members.take("window", text.window, 2));
    WINNOW_TRY_VOID(members.take("stride", text.stride, 1));
    WINNOW_TRY_VOID(members.take("positions", text.positions, kPositions));
    if (text.stride > text.window)
        return fail(ErrorCode::BadInput, "{} is {}, and the window has {} tokens: tokens between would never be judged",
                    members.at("stride"), text.stride, text.window);
    return text;
}

Result<PlanTask> taskOf(const json& item, std::string place, const fs::path& folder)
{
    static constexpr std::string_view kKnown[] = {"name",  "task",   "data",    "profile", "compress", "hay",
                                                  "words", "length", "samples", "depths",  "cut_to"};
    WINNOW_TRY_VOID(checkObject(item, place));
    const Members members(item, std::move(place));
    WINNOW_TRY_VOID(members.knows(kKnown));
    PlanTask task;
    WINNOW_TRY_VOID(members.take("task", task.task));
    WINNOW_TRY_VOID(members.take("data", task.data, folder));
    if (task.task.empty() && task.data.empty())
        return fail(ErrorCode::BadInput, "{} has neither a member 'task' nor 'data'; `winnow tasks` lists what is made here",
                    members.place());
    if (!task.task.empty()) {
        const tasks::TaskInfo* const found = tasks::findTask(task.task);
        if (found == nullptr)
            return fail(ErrorCode::BadInput, "{}: there is no task '{}', did you mean '{}'? `winnow tasks` lists them",
                        members.place(), shortPrintable(task.task, 80), tasks::nearestTask(task.task));
        if (task.data.empty() && !found->generated)
            return fail(ErrorCode::BadInput, "{}: the examples of {} are not made here; give their file in the member 'data'",
                        members.place(), found->name);
    }
    task.name = task.task.empty() ? task.data.stem().string() : task.task;
    WINNOW_TRY_VOID(members.take("name", task.name));
    WINNOW_TRY_VOID(members.take("profile", task.profile));
    WINNOW_TRY_VOID(members.take("compress", task.compress, kCompress));
    WINNOW_TRY_VOID(members.take("cut_to", task.cutTo, 1));
    if (!task.data.empty())
        for (const char* const key : {"hay", "words", "length", "samples", "depths"})
            if (members.has(key))
                return fail(ErrorCode::BadInput,
                            "{} is for examples that are made here, and these come from the file in 'data'; "
                            "leave one out",
                            members.at(key));
    WINNOW_TRY_VOID(members.take("hay", task.hay, folder));
    WINNOW_TRY_VOID(members.take("words", task.words, folder));
    WINNOW_TRY_VOID(members.take("length", task.length, 64, 999'999));
    WINNOW_TRY_VOID(members.take("samples", task.samples, 1, 99'999));
    WINNOW_TRY_VOID(members.take("depths", task.depths, 1, 1001));
    return task;
}

/// Files that a policy reads are those of the plan's folder, too.
Result<PolicySpec> policyOf(const json& item, const std::string& place, const fs::path& folder)
{
    if (!item.is_string())
        return fail(ErrorCode::BadInput, "{} is {}, and it is a policy as the command line takes it, such as \"h2o:recent=32\"",
                    place, kindOf(item));
    auto spec = parsePolicySpec(item.get<std::string>());
    if (!spec)
        return fail(ErrorCode::BadInput, "{}: {}", place, spec.error().message);
    for (const ParameterSpec& parameter : findPolicy(spec->name)->parameters) {
        const std::string file(spec->value(parameter.id));
        if (parameter.kind != ParameterKind::File || file.empty())
            continue;
        const std::vector<std::string> typed = spec->typed;
        WINNOW_TRY(*spec, spec->with(parameter.id, (folder / file).string()));
        spec->typed = typed;
    }
    return spec;
}

Result<std::string> budgetOf(const json& item, const std::string& place)
{
    if (item.is_number_unsigned() && item > 0)
        return item.dump();
    if (item.is_string())
        return item.get<std::string>();
    return fail(ErrorCode::BadInput, "{} is {}, and it is a number of tokens from 1 on or a share such as \"25%\"", place,
                item.is_number() ? item.dump() : kindOf(item));
}

Result<void> takePolicies(const Members& members, const fs::path& folder, SweepPlan& plan)
{
    std::vector<std::pair<std::string, std::string>> budgets; ///< and their places
    WINNOW_TRY_VOID(members.each("budgets", [&](const json& item, std::string place) -> Result<void> {
        WINNOW_TRY(std::string budget, budgetOf(item, place));
        budgets.emplace_back(std::move(budget), std::move(place));
        return {};
    }));
    bool taken = false;
    WINNOW_TRY_VOID(members.each("policies", [&](const json& item, std::string place) -> Result<void> {
        WINNOW_TRY(const PolicySpec spec, policyOf(item, place, folder));
        if (budgets.empty() || !takesBudget(spec)) {
            plan.policies.push_back(spec);
            return {};
        }
        taken = true;
        for (const auto& [budget, of] : budgets) {
            auto at = atBudgets({&spec, 1}, {&budget, 1});
            if (!at)
                return fail(ErrorCode::BadInput, "{} under {}: {}", place, of, at.error().message);
            plan.policies.push_back(std::move(at->front()));
        }
        return {};
    }));
    if (!budgets.empty() && !taken)
        return fail(ErrorCode::BadInput,
                    "{}: no policy takes the budgets, each names its own or has none; leave 'budgets' out, or the policy's",
                    members.place());
    return {};
}

Result<void> checkNames(const SweepPlan& plan, std::string_view where)
{
    std::set<std::string> names;
    for (const PlanModel& model : plan.models)
        if (!names.insert(model.name).second)
            return fail(ErrorCode::BadInput,
                        "{}: two models have the name '{}', so that two cells would have one name; give one of them a \"name\"",
                        where, model.name);
    names.clear();
    for (std::size_t i = 0; i < plan.inputs(); ++i)
        if (!names.insert(plan.inputName(i)).second)
            return fail(ErrorCode::BadInput,
                        "{}: two texts or tasks have the name '{}', so that two cells would have one name; give one of them a "
                        "\"name\"",
                        where, plan.inputName(i));
    return {};
}

} // namespace

Result<SweepPlan> parsePlan(std::string_view text, std::string_view where, const fs::path& folder)
{
    static constexpr std::string_view kKnown[] = {"models", "texts", "tasks",  "policies", "budgets",
                                                  "seeds",  "dtype", "device", "chunk",    "chat"};
    WINNOW_TRY(const json object, parseJson(text, where));
    if (!object.is_object())
        return fail(ErrorCode::BadInput, "{} is {}, and a plan is an object with models, texts or tasks, and policies", where,
                    kindOf(object));
    const Members members(object, std::string(where));
    WINNOW_TRY_VOID(members.knows(kKnown));
    for (const char* const key : {"models", "policies"})
        if (!members.has(key))
            return fail(ErrorCode::BadInput, "{} has no member '{}'; a plan has models, texts or tasks, and policies", where,
                        key);
    if (!members.has("texts") && !members.has("tasks"))
        return fail(ErrorCode::BadInput, "{} has neither a member 'texts' nor 'tasks', so that nothing is measured", where);
    SweepPlan plan;
    Dtype dtype = Dtype::Float32;
    WINNOW_TRY_VOID(takeDtype(members, dtype));
    WINNOW_TRY_VOID(members.take("device", plan.device));
    WINNOW_TRY_VOID(members.take("chunk", plan.chunk, 1, 1 << 20));
    WINNOW_TRY_VOID(members.take("chat", plan.chat));
    WINNOW_TRY_VOID(members.each("models", [&](const json& item, std::string place) -> Result<void> {
        WINNOW_TRY(PlanModel model, modelOf(longForm(item, "path"), std::move(place), folder, dtype));
        plan.models.push_back(std::move(model));
        return {};
    }));
    WINNOW_TRY_VOID(members.each("texts", [&](const json& item, std::string place) -> Result<void> {
        WINNOW_TRY(PlanText one, textOf(longForm(item, "path"), std::move(place), folder));
        plan.texts.push_back(std::move(one));
        return {};
    }));
    WINNOW_TRY_VOID(members.each("tasks", [&](const json& item, std::string place) -> Result<void> {
        WINNOW_TRY(PlanTask task, taskOf(longForm(item, "task"), std::move(place), folder));
        plan.tasks.push_back(std::move(task));
        return {};
    }));
    WINNOW_TRY_VOID(takePolicies(members, folder, plan));
    if (members.has("seeds"))
        plan.seeds.clear();
    WINNOW_TRY_VOID(members.each("seeds", [&](const json& item, const std::string& place) -> Result<void> {
        if (!item.is_number_integer() || item < 0 || item > std::int64_t{0x7fffffff})
            return fail(ErrorCode::BadInput, "{} is {}, and it is a whole number from 0 to 2147483647", place,
                        item.is_number() ? item.dump() : kindOf(item));
        plan.seeds.push_back(item.get<std::int64_t>());
        return {};
    }));
    WINNOW_TRY_VOID(checkNames(plan, where));
    return plan;
}

} // namespace winnow
