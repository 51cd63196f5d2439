// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/paper_tables.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/policy/policy_spec.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace winnow {

namespace {

using nlohmann::json;

constexpr const char* kNotSaid = "not said";

std::map<std::string, std::string> protocolOf(const json& object, std::map<std::string, std::string> protocol)
{
    if (const json& own = member(object, "protocol"); own.is_object())
        for (const auto& [field, value] : own.items())
            if (value.is_string())
                protocol[field] = value.get<std::string>();
    return protocol;
}

std::string textOr(const json& object, const char* key, const std::string& other)
{
    std::string text = textOf(object, key);
    return text.empty() ? other : text;
}

Result<PaperTable> tableOf(const json& object, const std::string& where)
{
    PaperTable table{.name = textOf(object, "name"),
                     .title = textOf(object, "title"),
                     .source = textOf(object, "source"),
                     .note = textOf(object, "note"),
                     .unit = textOf(object, "unit"),
                     .lessIsBetter = textOf(object, "better") == "less"};
    for (const auto& [key, text] : {std::pair("name", &table.name), std::pair("title", &table.title),
                                    std::pair("source", &table.source), std::pair("unit", &table.unit)})
        if (text->empty())
            return fail(ErrorCode::BadInput, "{} has no text in its member '{}'", where, key);
    const std::string input = textOf(object, "input"), measure = textOf(object, "measure");
    const auto protocol = protocolOf(object, {});
    const json& cells = member(object, "cells");
    for (std::size_t i = 0; cells.is_array() && i < cells.size(); ++i) {
        PaperCell cell{.input = textOr(cells[i], "input", input),
                       .measure = textOr(cells[i], "measure", measure),
                       .policy = textOf(cells[i], "policy"),
                       .budget = textOf(cells[i], "budget"),
                       .protocol = protocolOf(cells[i], protocol)};
        const json& value = member(cells[i], "value");
        if (!value.is_number() || cell.input.empty() || cell.measure.empty() || findPolicy(cell.policy) == nullptr)
            return fail(ErrorCode::BadInput, "{}, cells[{}] lacks one of value (a number), input, measure and policy (a name)",
                        where, i);
        cell.value = value.get<double>();
        table.cells.push_back(std::move(cell));
    }
    if (table.cells.empty())
        return fail(ErrorCode::BadInput, "{} has no cells", where);
    return table;
}

/// What a sweep's cell read or asked: its name in the plan, or the task itself.
std::set<std::string> inputsOf(const CellResult& cell)
{
    std::set<std::string> inputs{cell.input};
    if (const auto task = cell.protocol.find("task"); task != cell.protocol.end())
        inputs.insert(task->second);
    return inputs;
}

/// A field of a sweep's cell, as papers name it.
std::string fieldOf(const CellResult& cell, const PolicySpec& spec, const std::string& field)
{
    if (field == "model")
        return cell.model;
    if (field == "budget")
        return cell.budget;
    if (const auto found = cell.protocol.find(field); found != cell.protocol.end() && !found->second.empty())
        return found->second;
    if (const std::string_view own = spec.value(field); !own.empty()) // "sinks"
        return std::string(own);
    return kNotSaid;
}

std::vector<PaperBeside::Difference> differencesOf(const PaperCell& paper, const CellResult& cell, const PolicySpec& spec)
{
    std::vector<PaperBeside::Difference> all;
    const auto compare = [&](const std::string& field, const std::string& theirs) {
        const std::string yours = fieldOf(cell, spec, field);
        if (yours != theirs && !(theirs.empty() && (yours.empty() || yours == kNotSaid)))
            all.push_back({field, theirs.empty() ? kNotSaid : theirs, yours.empty() ? kNotSaid : yours});
    };
    auto fields = paper.protocol;
    fields.try_emplace("model", "");
    fields.try_emplace("dtype", "");
    fields["budget"] = paper.budget;
    for (const auto& [field, value] : fields)
        compare(field, value);
    return all;
}

template <class Of>
std::string listOf(const std::vector<PaperCell>& cells, Of of)
{
    std::set<std::string> names;
    for (const PaperCell& cell : cells)
        names.insert(of(cell));
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Why nothing of the table can be set beside the cells.
std::string refusal(const PaperTable& table, std::span<const CellResult> cells)
{
    std::set<std::string> inputs, measures;
    for (const CellResult& cell : cells) {
        inputs.insert(cell.input);
        const std::set<std::string> own = inputsOf(cell);
        if (std::ranges::any_of(table.cells, [&](const PaperCell& paper) { return own.contains(paper.input); }))
            measures.insert(cell.measure);
    }
    if (measures.empty())
        return fmt::format(
            "{} is about {}, and the sweep about {}: another text or task. Where one of these is the same, give it "
            "that name in the plan",
            table.name, listOf(table.cells, [](const PaperCell& paper) { return paper.input; }), fmt::join(inputs, ", "));
    const std::string theirs = listOf(table.cells, [](const PaperCell& paper) { return paper.measure; });
    if (std::ranges::none_of(table.cells, [&](const PaperCell& paper) { return measures.contains(paper.measure); }))
        return fmt::format("{} measures {} (in {}), and the sweep {}: other numbers, which do not stand beside each other",
                           table.name, theirs, table.unit, fmt::join(measures, ", "));
    return fmt::format("{} has {}, and the sweep none of these policies on the same text or task by the same measure", table.name,
                       listOf(table.cells, [](const PaperCell& paper) { return paper.policy; }));
}

} // namespace

Result<std::vector<PaperTable>> parsePaperTables(std::string_view text, std::string_view where)
{
    WINNOW_TRY(const json object, parseJson(text, where));
    const json& list = member(object, "tables");
    if (textOf(object, "format") != "winnow-papers" || !list.is_array())
        return fail(ErrorCode::BadInput,
                    "{} holds no tables of papers: an object with the format \"winnow-papers\" and a list "
                    "\"tables\"",
                    where);
    std::vector<PaperTable> tables;
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        WINNOW_TRY(PaperTable table, tableOf(list[i], fmt::format("{}, tables[{}]", where, i)));
        if (!names.insert(table.name).second)
            return fail(ErrorCode::BadInput, "{} has two tables of the name '{}'", where, table.name);
        tables.push_back(std::move(table));
    }
    return tables;
}

PaperBeside besidePapers(std::span<const PaperTable> tables, std::span<const CellResult> cells)
{
    PaperBeside beside;
    for (const PaperTable& table : tables) {
        const std::size_t before = beside.rows.size();
        for (const CellResult& cell : cells) {
            const auto spec = parsePolicySpec(cell.policy);
            if (!spec)
                continue;
            const std::set<std::string> inputs = inputsOf(cell);
            std::optional<PaperBeside::Row> nearest;
            for (const PaperCell& paper : table.cells) {
                if (!inputs.contains(paper.input) || paper.measure != cell.measure || paper.policy != spec->name)
                    continue;
                PaperBeside::Row row{table.name, table.unit, paper, cell, differencesOf(paper, cell, *spec)};
                if (!nearest || row.differences.size() < nearest->differences.size())
                    nearest = std::move(row);
            }
            if (nearest)
                beside.rows.push_back(std::move(*nearest));
        }
        if (beside.rows.size() == before)
            beside.refused.push_back(refusal(table, cells));
    }
    return beside;
}

} // namespace winnow
