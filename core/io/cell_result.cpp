// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/cell_result.h"

#include "core/io/json_members.h"
#include "core/io/ordered_json.h"

#include <array>
#include <cmath>

namespace winnow {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// Members that are numbers, null or, but for the first, not there.
constexpr std::array kNumbers{"value",      "low",          "high",        "loss",         "added",  "added_low",
                              "added_high", "stored_slots", "cache_bytes", "milliseconds", "seconds"};

/// JSON knows no number that is none.
ordered_json number(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json();
}

void put(ordered_json& line, const char* key, const std::optional<double>& value)
{
    if (value && std::isfinite(*value))
        line[key] = *value;
}

void put(ordered_json& line, const char* key, const std::string& text)
{
    if (!text.empty())
        line[key] = text;
}

std::optional<Interval> intervalOf(const json& line, const char* low, const char* high)
{
    const auto from = numberIn(line, low), to = numberIn(line, high);
    return from && to ? std::optional(Interval{*from, *to}) : std::nullopt;
}

} // namespace

std::string cellLine(const CellResult& result)
{
    ordered_json line;
    line["winnow_sweep"] = 1;
    line["cell"] = result.cell;
    line["model"] = result.model;
    line["input"] = result.input;
    line["policy"] = result.policy;
    put(line, "budget", result.budget);
    line["seed"] = result.seed;
    line["measure"] = result.measure;
    line["better"] = result.lessIsBetter ? "less" : "more";
    line["value"] = number(result.value);
    line["low"] = number(result.interval ? std::optional(result.interval->low) : std::nullopt);
    line["high"] = number(result.interval ? std::optional(result.interval->high) : std::nullopt);
    line["n"] = result.n;
    put(line, "loss", result.loss);
    put(line, "added", result.added);
    if (result.addedInterval) {
        put(line, "added_low", std::optional(result.addedInterval->low));
        put(line, "added_high", std::optional(result.addedInterval->high));
    }
    put(line, "stored_slots", result.storedSlots);
    put(line, "cache_bytes", result.cacheBytes);
    put(line, "milliseconds", result.milliseconds);
    put(line, "seconds", result.seconds);
    line["protocol"] = ordered_json::object();
    for (const auto& [name, value] : result.protocol)
        line["protocol"][name] = value;
    put(line, "version", result.version);
    return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<CellResult> parseCell(std::string_view text)
{
    const auto parsed = parseJson(text, "");
    if (!parsed || !parsed->is_object())
        return fail(ErrorCode::BadInput, "is no JSON object of its own");
    const json& line = *parsed;
    const json& version = member(line, "winnow_sweep");
    if (version.is_null())
        return fail(ErrorCode::BadInput, "is no result of a sweep, which begins with {}", kCellBegins);
    if (version != 1)
        return fail(ErrorCode::BadInput, "is of version {}, and this Winnow reads version 1; take a newer one", version.dump());
    CellResult result;
    for (const auto& [key, place] :
         {std::pair("cell", &result.cell), std::pair("model", &result.model), std::pair("input", &result.input),
          std::pair("policy", &result.policy), std::pair("measure", &result.measure)}) {
        *place = textOf(line, key);
        if (place->empty())
            return fail(ErrorCode::BadInput, "has no text in its member '{}'", key);
    }
    const json &seed = member(line, "seed"), &count = member(line, "n");
    if (!seed.is_number_integer() || !count.is_number_integer())
        return fail(ErrorCode::BadInput, "has no whole number in its member '{}'", seed.is_number_integer() ? "n" : "seed");
    for (const char* const key : kNumbers)
        if (const json& value = member(line, key); !(value.is_number() || value.is_null()) || !line.contains(kNumbers.front()))
            return fail(ErrorCode::BadInput, "has no number in its member '{}'", key);
    result.seed = seed.get<std::int64_t>();
    result.n = count.get<std::int64_t>();
    result.lessIsBetter = textOf(line, "better") == "less";
    result.value = numberIn(line, "value").value_or(std::nan(""));
    result.interval = intervalOf(line, "low", "high");
    result.loss = numberIn(line, "loss");
    result.added = numberIn(line, "added");
    result.addedInterval = intervalOf(line, "added_low", "added_high");
    result.storedSlots = numberIn(line, "stored_slots");
    result.cacheBytes = numberIn(line, "cache_bytes");
    result.milliseconds = numberIn(line, "milliseconds");
    result.seconds = numberIn(line, "seconds");
    result.budget = textOf(line, "budget");
    result.version = textOf(line, "version");
    if (const json& protocol = member(line, "protocol"); protocol.is_object())
        for (const auto& [name, value] : protocol.items())
            if (value.is_string())
                result.protocol[name] = value.get<std::string>();
    return result;
}

Result<std::vector<CellResult>> parseCells(std::string_view text, std::string_view where)
{
    std::vector<CellResult> cells;
    for (std::size_t number = 1;; ++number) {
        const std::size_t end = text.find('\n');
        const bool last = end == std::string_view::npos;
        if (const std::string_view line = text.substr(0, end); line.find_first_not_of(" \t\r") != std::string_view::npos) {
            auto cell = parseCell(line);
            if (!cell && last && !parseJson(line, ""))
                return cells; // it was cut off, or is being written
            if (!cell)
                return fail(ErrorCode::BadInput, "{}, line {} {}", where, number, cell.error().message);
            cells.push_back(std::move(*cell));
        }
        if (last)
            return cells;
        text.remove_prefix(end + 1);
    }
}

} // namespace winnow
