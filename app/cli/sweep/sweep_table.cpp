// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/sweep_table.h"

#include "app/cli/text_columns.h"
#include "core/analysis/series_labels.h"
#include "core/base/printable.h"
#include "core/io/disk.h"
#include "core/policy/policy_spec.h"

#include <cmath>
#include <limits>
#include <set>

namespace winnow::cli {

namespace {

std::string shown(const std::optional<double>& value, fmt::format_string<const double&> format)
{
    return value ? fmt::format(format, *value) : "";
}

std::string withInterval(double value, const std::optional<Interval>& interval, int digits)
{
    return interval ? fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", value, digits, interval->low, digits, interval->high, digits)
                    : fmt::format("{:.{}f}", value, digits);
}

double orNaN(const std::optional<double>& value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

/// The policy's line without its seed, which has a column of its own.
std::string withoutSeed(const CellResult& cell)
{
    auto spec = parsePolicySpec(cell.policy);
    if (!spec)
        return cell.policy;
    std::erase_if(spec->values, [](const auto& value) { return value.first == "seed"; });
    return spec->canonical();
}

template <class Of>
auto columnOf(const std::vector<CellResult>& cells, Of of)
{
    std::vector<decltype(of(cells.front()))> column;
    for (const CellResult& cell : cells)
        column.push_back(of(cell));
    return column;
}

} // namespace

void tellCells(const std::vector<CellResult>& cells, Console& console)
{
    if (cells.empty())
        return;
    const auto labels = seriesLabels(columnOf(cells, withoutSeed));
    std::vector<TextColumn> columns;
    const auto add = [&](const char* title, bool right, auto textOf) {
        columns.push_back({.title = title, .right = right, .cells = columnOf(cells, textOf)});
    };
    add("model", false, [](const CellResult& cell) { return printable(cell.model); });
    add("input", false, [](const CellResult& cell) { return printable(cell.input); });
    add("policy", false, [&](const CellResult& cell) { return printable(labels.at(withoutSeed(cell))); });
    add("seed", true, [](const CellResult& cell) { return std::to_string(cell.seed); });
    add("measure", false, [](const CellResult& cell) { return cell.measure; });
    add("value", true, [](const CellResult& cell) { return withInterval(cell.value, cell.interval, 3); });
    add("n", true, [](const CellResult& cell) { return std::to_string(cell.n); });
    add("added", true, [](const CellResult& cell) { return cell.added ? withInterval(*cell.added, cell.addedInterval, 4) : ""; });
    add("slots", true, [](const CellResult& cell) { return shown(cell.storedSlots, "{:.1f}"); });
    add("bytes", true, [](const CellResult& cell) {
        return cell.cacheBytes ? sizeText(static_cast<std::uint64_t>(std::llround(*cell.cacheBytes))) : "";
    });
    add("ms", true, [](const CellResult& cell) { return shown(cell.milliseconds, "{:.2f}"); });
    tellColumns(std::move(columns), console);
    console.say("in brackets: 95 % by bootstrap, over blocks of 64 tokens or over answers; added: to the full cache's loss, in "
                "nats a token; slots per lane and bytes of all: of texts mean and most over the steps, of tasks behind the "
                "answers; ms: a step, or a token of the answers");
    for (const auto& [series, label] : labels)
        if (series != label)
            console.say(fmt::format("  {}: {}", label, printable(series)));
}

Tables cellTables(const std::vector<CellResult>& cells)
{
    Tables tables;
    Table table{.axes = {{cells.size()}}, .columns = {}};
    const auto add = [&](const char* name, auto of) { table.columns.push_back({name, {0}, columnOf(cells, of), false}); };
    const auto low = [](const std::optional<Interval>& interval) { return interval ? interval->low : std::nan(""); };
    const auto high = [](const std::optional<Interval>& interval) { return interval ? interval->high : std::nan(""); };
    add("cell", [](const CellResult& cell) { return cell.cell; });
    add("model", [](const CellResult& cell) { return cell.model; });
    add("input", [](const CellResult& cell) { return cell.input; });
    add("policy", [](const CellResult& cell) { return cell.policy; });
    add("budget", [](const CellResult& cell) { return cell.budget; });
    add("seed", [](const CellResult& cell) { return cell.seed; });
    add("measure", [](const CellResult& cell) { return cell.measure; });
    add("value", [](const CellResult& cell) { return cell.value; });
    add("low", [&](const CellResult& cell) { return low(cell.interval); });
    add("high", [&](const CellResult& cell) { return high(cell.interval); });
    add("n", [](const CellResult& cell) { return cell.n; });
    add("loss", [](const CellResult& cell) { return orNaN(cell.loss); });
    add("added", [](const CellResult& cell) { return orNaN(cell.added); });
    add("added_low", [&](const CellResult& cell) { return low(cell.addedInterval); });
    add("added_high", [&](const CellResult& cell) { return high(cell.addedInterval); });
    add("stored_slots", [](const CellResult& cell) { return orNaN(cell.storedSlots); });
    add("cache_bytes", [](const CellResult& cell) { return orNaN(cell.cacheBytes); });
    add("milliseconds", [](const CellResult& cell) { return orNaN(cell.milliseconds); });
    add("seconds", [](const CellResult& cell) { return orNaN(cell.seconds); });
    std::set<std::string> fields;
    for (const CellResult& cell : cells)
        for (const auto& [field, value] : cell.protocol)
            fields.insert(field);
    for (const std::string& field : fields)
        add(("protocol_" + field).c_str(), [&](const CellResult& cell) {
            const auto found = cell.protocol.find(field);
            return found == cell.protocol.end() ? std::string() : found->second;
        });
    tables.tables.push_back(std::move(table));
    tables.manifest = {{"loop", "closed"}};
    return tables;
}

} // namespace winnow::cli
