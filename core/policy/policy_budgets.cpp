// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/policy_budgets.h"

#include <algorithm>

namespace winnow {

bool takesBudget(const PolicySpec& spec)
{
    return !spec.value("budget").empty() && std::ranges::find(spec.typed, "budget") == spec.typed.end();
}

Result<std::vector<PolicySpec>> atBudgets(std::span<const PolicySpec> specs, std::span<const std::string> budgets)
{
    std::vector<PolicySpec> all;
    for (const PolicySpec& spec : specs) {
        if (budgets.empty() || !takesBudget(spec)) {
            all.push_back(spec);
            continue;
        }
        for (const std::string& budget : budgets) {
            WINNOW_TRY(PolicySpec one, spec.with("budget", budget));
            all.push_back(std::move(one));
        }
    }
    return all;
}

} // namespace winnow
