// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/policy_inks.h"

#include <algorithm>

namespace winnow {

std::vector<PolicyInk> policyInks(const ReplayResult& replay)
{
    std::vector<PolicyInk> inks;
    for (const auto& policy : replay.policies) {
        const auto same = std::ranges::find_if(replay.policies, [&](const auto& other) {
            return !other->isRun() && other->spec.canonical() == policy->spec.canonical();
        });
        const bool known = policy->isRun() && same != replay.policies.end();
        inks.push_back(
            {known ? static_cast<int>(same - replay.policies.begin()) : static_cast<int>(inks.size()), policy->isRun()});
    }
    return inks;
}

} // namespace winnow
