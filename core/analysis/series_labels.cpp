// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/series_labels.h"

#include "core/policy/policy_spec.h"

#include <set>

namespace winnow {

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
    for (auto& [one, label] : labels)
        if (called[label].size() > 1)
            label = one;
    return labels;
}

} // namespace winnow
