// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/series_labels.h"

#include "core/policy/policy_spec.h"

#include <set>

namespace winnow {

namespace {

/// Of policy lines of one name and budget: their parameters whose values are not all the same, as " sinks=4".
std::map<std::string, std::string> differencesOf(const std::set<std::string>& lines)
{
    std::map<std::string, std::set<std::string>> values;
    for (const std::string& line : lines)
        if (const auto spec = parsePolicySpec(line))
            for (const auto& [key, value] : spec->values)
                values[key].insert(value);
    std::map<std::string, std::string> differences;
    for (const std::string& line : lines)
        if (const auto spec = parsePolicySpec(line))
            for (const auto& [key, value] : spec->values)
                if (values[key].size() > 1)
                    differences[line] += fmt::format(" {}={}", key, value);
    return differences;
}

} // namespace

std::map<std::string, std::string> seriesLabels(std::span<const std::string> series)
{
    std::map<std::string, std::string> labels;
    std::map<std::string, std::set<std::string>> called;
    for (const std::string& one : series) {
        const auto spec = parsePolicySpec(one);
        const std::string budget = spec ? std::string(spec->value("budget")) : "";
        const std::string label = !spec ? one : budget.empty() ? spec->name : spec->name + " " + budget;
        labels[one] = label;
        called[label].insert(one);
    }
    for (const auto& [label, lines] : called) {
        if (lines.size() == 1)
            continue;
        auto differences = differencesOf(lines);
        std::set<std::string> distinct;
        for (const std::string& line : lines)
            distinct.insert(differences[line]);
        for (const std::string& line : lines)
            labels[line] = distinct.size() == lines.size() ? label + differences[line] : line;
    }
    return labels;
}

} // namespace winnow
