// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/autopsy.h"

namespace winnow {

namespace {

/// One column of the fates of a policy's lanes.
template <class T, class Get>
std::vector<T> column(const std::vector<LaneFate>& fates, const Get& get)
{
    std::vector<T> values;
    for (const LaneFate& fate : fates)
        values.push_back(static_cast<T>(get(fate)));
    return values;
}

Table curves(const Autopsy& autopsy)
{
    const std::size_t steps = autopsy.lines.empty() ? autopsy.mean.size() : autopsy.lines.front().survival.size();
    std::vector<std::string> names;
    std::vector<double> survival;
    for (const Autopsy::Line& line : autopsy.lines) {
        names.push_back(std::to_string(names.size()));
        survival.insert(survival.end(), line.survival.begin(), line.survival.end());
    }
    Table table{.axes = {{steps}, {autopsy.lines.size(), names}}, .columns = {{"step", {0}, counted(0, steps)}}};
    if (!autopsy.mean.empty()) {
        table.columns.push_back({"attention_mean", {0}, autopsy.mean});
        table.columns.push_back({"attention_largest", {0}, autopsy.largest});
    }
    table.columns.push_back({{"survival.{}", "survival"}, {1, 0}, std::move(survival)});
    return table;
}

Table fates(const Autopsy& autopsy, const Autopsy::Line& line, std::size_t number)
{
    const auto& rows = line.fates;
    const auto named = [&](const char* name) { return TableName(name, std::string(name) + "." + std::to_string(number)); };
    const auto whole = [&](const char* name, auto get) { return TableColumn{named(name), {0}, column<std::int32_t>(rows, get)}; };
    const auto number32 = [&](const char* name, auto get) { return TableColumn{named(name), {0}, column<float>(rows, get)}; };
    return {.axes = {{rows.size()}},
            .columns = {
                {onlyCsv("policy"), {}, Values::one(line.spec), true},
                whole("layer", [&](const LaneFate& f) { return autopsy.layers[static_cast<std::size_t>(f.layer)]; }),
                whole("lane", [](const LaneFate& f) { return f.lane; }),
                whole("kept", [](const LaneFate& f) { return f.kept; }),
                whole("left_at", [](const LaneFate& f) { return f.leftAt; }),
                whole("token", [](const LaneFate& f) { return f.token; }),
                whole("by_window", [](const LaneFate& f) { return f.byWindow; }),
                number32("score", [](const LaneFate& f) { return f.score; }),
                number32("lowest_kept", [](const LaneFate& f) { return f.lowestKept; }),
                number32("margin", [](const LaneFate& f) { return f.margin(); }),
                whole("rank", [](const LaneFate& f) { return f.verdict ? f.verdict->rank : 0; }),
                whole("among", [](const LaneFate& f) { return f.verdict ? f.verdict->among : 0; }),
                whole("cut_token", [](const LaneFate& f) { return f.verdict ? f.verdict->cutToken : -1; }),
                whole("outranked_by", [](const LaneFate& f) { return f.verdict ? f.verdict->outrankedBy : -1; }),
                number32("outranked_score",
                         [](const LaneFate& f) { return f.verdict ? f.verdict->outrankedScore : Verdict().outrankedScore; }),
                number32("attention_after", [](const LaneFate& f) { return f.asked; }),
                whole("steps_after", [](const LaneFate& f) { return f.askedSteps; }),
                number32("most_after", [](const LaneFate& f) { return f.most; }),
                whole("most_after_at", [](const LaneFate& f) { return f.mostAt; }),
            }};
}

} // namespace

Tables autopsyTables(const Autopsy& autopsy)
{
    Tables all;
    all.row("tokens", std::vector<std::int32_t>{autopsy.tokens.first, autopsy.tokens.second});
    all.fact("kv_lanes", static_cast<int>(autopsy.lanes.size()));
    all.tables.push_back(curves(autopsy));
    std::vector<std::string> specs;
    for (std::size_t i = 0; i < autopsy.lines.size(); ++i) {
        all.tables.push_back(fates(autopsy, autopsy.lines[i], i));
        all.fact(onlyCsv("policy " + std::to_string(i)), autopsy.lines[i].spec);
        specs.push_back(autopsy.lines[i].spec);
    }
    all.row(onlyNpz("policy"), std::move(specs));
    return all;
}

} // namespace winnow
