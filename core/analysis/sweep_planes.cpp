// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/sweep_planes.h"

#include "core/analysis/budget_sweep.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A policy as the cells of several seeds share it.
struct Named {
    std::string policy, family, title;
};

Named named(const std::string& line)
{
    auto spec = parsePolicySpec(line);
    if (!spec)
        return {line, line, line};
    std::erase_if(spec->values, [](const auto& value) { return value.first == "seed"; });
    const PolicyInfo* const info = findPolicy(spec->name);
    return {spec->canonical(), policyFamily(*spec), std::string(info->title)};
}

double budgetOf(const CellResult& cell)
{
    const bool percent = cell.budget.ends_with('%');
    const auto numberIn = [](std::string_view text) {
        double number = kNaN;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return number;
    };
    if (!percent)
        return numberIn(cell.budget);
    const auto length = cell.protocol.find("length");
    return length == cell.protocol.end()
               ? kNaN
               : std::floor(numberIn(length->second) * numberIn(std::string_view(cell.budget).substr(0, cell.budget.size() - 1)) /
                            100);
}

/// Means over the seeds of one policy.
SweepPlanes::Point pointOf(const std::vector<const CellResult*>& seeds, const std::string& policy)
{
    SweepPlanes::Point point{.policy = policy, .cost = {budgetOf(*seeds.front()), 0, 0}, .seeds = static_cast<int>(seeds.size())};
    Interval ends;
    bool sure = true;
    for (const CellResult* const cell : seeds) {
        const double share = 1.0 / static_cast<double>(seeds.size());
        point.value += share * cell->value;
        point.cost[1] += share * cell->cacheBytes.value_or(kNaN);
        point.cost[2] += share * cell->milliseconds.value_or(kNaN);
        sure = sure && cell->interval;
        ends.low += share * (cell->interval ? cell->interval->low : 0);
        ends.high += share * (cell->interval ? cell->interval->high : 0);
    }
    if (sure)
        point.interval = ends;
    return point;
}

void markFront(SweepPlanes::Panel& panel)
{
    std::vector<SweepPlanes::Point*> all;
    for (SweepPlanes::Line& line : panel.lines)
        for (SweepPlanes::Point& point : line.points)
            all.push_back(&point);
    const auto loss = [&](const SweepPlanes::Point& point) { return panel.lessIsBetter ? point.value : -point.value; };
    for (std::size_t c = 0; c < kSweepCosts.size(); ++c)
        for (SweepPlanes::Point* const point : all)
            point->front[c] = !std::isnan(point->cost[c]) && std::ranges::none_of(all, [&](const SweepPlanes::Point* other) {
                return other->cost[c] <= point->cost[c] && loss(*other) <= loss(*point) &&
                       (other->cost[c] < point->cost[c] || loss(*other) < loss(*point));
            });
}

} // namespace

SweepPlanes sweepPlanes(std::span<const CellResult> cells)
{
    struct Group {
        SweepPlanes::Panel panel;
        std::vector<std::pair<Named, std::vector<const CellResult*>>> policies;
    };
    std::vector<Group> groups;
    std::map<std::string, int> colors; // by title, and by a number where lines of a panel share one
    for (const CellResult& cell : cells) {
        if (std::isnan(cell.value))
            continue;
        auto group = std::ranges::find_if(groups, [&](const Group& one) {
            return one.panel.model == cell.model && one.panel.input == cell.input && one.panel.measure == cell.measure;
        });
        if (group == groups.end())
            group = groups.insert(groups.end(), Group{{cell.model, cell.input, cell.measure, cell.lessIsBetter, {}}, {}});
        Named name = named(cell.policy);
        auto policy = std::ranges::find_if(group->policies, [&](const auto& one) { return one.first.policy == name.policy; });
        if (policy == group->policies.end()) {
            group->policies.emplace_back(std::move(name), std::vector<const CellResult*>());
            policy = std::prev(group->policies.end());
        }
        policy->second.push_back(&cell);
    }
    SweepPlanes planes;
    for (Group& group : groups) {
        std::vector<std::string> families;
        for (const auto& [name, seeds] : group.policies) {
            const auto at = static_cast<std::size_t>(std::ranges::find(families, name.family) - families.begin());
            if (at == families.size()) {
                const auto same = std::ranges::count(group.panel.lines, name.title, &SweepPlanes::Line::title);
                const auto color = colors.emplace(fmt::format("{} {}", name.title, same), static_cast<int>(colors.size())).first;
                families.push_back(name.family);
                group.panel.lines.push_back({name.title, color->second, {}});
            }
            group.panel.lines[at].points.push_back(pointOf(seeds, name.policy));
        }
        for (SweepPlanes::Line& line : group.panel.lines)
            std::ranges::stable_sort(line.points, {}, [](const SweepPlanes::Point& point) { return point.cost[0]; });
        markFront(group.panel);
        planes.panels.push_back(std::move(group.panel));
    }
    return planes;
}

} // namespace winnow
