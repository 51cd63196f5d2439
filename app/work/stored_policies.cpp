// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/stored_policies.h"

#include <algorithm>

namespace winnow::app {

std::optional<StoredPlace> placeOf(std::span<const StoredPolicies> files, const PolicyReplay& policy)
{
    for (const StoredPolicies& stored : files) {
        const auto found = std::ranges::find(stored.policies, &policy, [](const auto& one) { return one.get(); });
        if (found != stored.policies.end())
            return StoredPlace{stored.file, static_cast<int>(found - stored.policies.begin())};
    }
    return std::nullopt;
}

std::vector<std::filesystem::path> filesOf(std::span<const StoredPolicies> files,
                                           std::span<const std::shared_ptr<const PolicyReplay>> policies)
{
    std::vector<std::filesystem::path> named;
    while (!policies.empty()) {
        const auto whole = std::ranges::find_if(files, [&](const StoredPolicies& stored) {
            return !stored.policies.empty() && stored.policies.size() <= policies.size() &&
                   std::ranges::equal(stored.policies, policies.first(stored.policies.size()));
        });
        if (whole == files.end())
            return {};
        named.push_back(whole->file);
        policies = policies.subspan(whole->policies.size());
    }
    return named;
}

} // namespace winnow::app
