// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/cache_measure.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace winnow {

std::uint64_t mostLogical(const ReplayResult& result, const PolicyReplay& policy)
{
    std::uint64_t most = 0;
    for (int step = std::max(0, result.prompt - 1); step < policy.stepsDone; ++step)
        most = std::max(most, cacheBytes(result, policy, Step(step)).logical);
    return most;
}

void noteMeasures(std::span<const CacheMeasure> measures, std::map<std::string, std::string>& manifest)
{
    const auto listed = [&](const auto& of) {
        std::vector<std::string> parts;
        for (const CacheMeasure& measure : measures)
            parts.push_back(of(measure));
        return fmt::format("{}", fmt::join(parts, ","));
    };
    const auto bytes = [&](const char* key, std::uint64_t CacheMeasure::*which) {
        manifest[key] = listed([which](const CacheMeasure& measure) { return std::to_string(measure.*which); });
    };
    bytes("logical_bytes", &CacheMeasure::logical);
    bytes("physical_bytes", &CacheMeasure::physical);
    bytes("peak_bytes", &CacheMeasure::peak);
    bytes("prompt_peak_bytes", &CacheMeasure::promptPeak);
    manifest["policy_time_share"] = listed([](const CacheMeasure& measure) { return fmt::format("{:.4f}", measure.share()); });
}

} // namespace winnow
