// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/ran_on.h"

#include "core/device/kernel_text.h"
#include "core/policy/recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace winnow {

RanOn ranOn(const ReplayResult& result, const PolicyReplay& policy)
{
    const auto said = [&](const char* key) {
        const auto found = result.manifest.find(key);
        return found == result.manifest.end() ? std::string() : found->second;
    };
    const std::string device = said("replay_device"), failed = said("replay_device_failed");
    const bool gpu = !device.empty() && device != "cpu";
    if (!gpu && failed.empty())
        return {"CPU", {}};
    if (std::string why = whyOnHost(recipeOf(resolved(policy.spec, policy.tokens))); !why.empty())
        return {"CPU", std::move(why)};
    if (failed.empty())
        return {device, {}};
    return {gpu ? device + ", then CPU" : "CPU", "the GPU failed: " + failed};
}

std::string ranOnText(const ReplayResult& result)
{
    std::vector<std::pair<std::string, std::vector<std::string>>> devices; // and the policies that ran there
    bool gpuUsed = false;
    for (const auto& policy : result.policies) {
        if (policy->isRun())
            continue;
        const RanOn place = ranOn(result, *policy);
        gpuUsed = gpuUsed || place.device != "CPU" || !place.why.empty();
        auto found = std::ranges::find(devices, place.device, [](const auto& entry) { return entry.first; });
        if (found == devices.end())
            found = devices.insert(found, {place.device, {}});
        found->second.push_back(place.why.empty() ? policy->spec.name : fmt::format("{} ({})", policy->spec.name, place.why));
    }
    if (!gpuUsed)
        return {};
    std::vector<std::string> parts;
    for (const auto& [device, names] : devices)
        parts.push_back(fmt::format("on {}: {}", device, fmt::join(names, ", ")));
    if (const auto notes = result.manifest.find("replay_device_notes"); notes != result.manifest.end())
        parts.push_back(notes->second);
    return fmt::format("ran {}", fmt::join(parts, "; "));
}

} // namespace winnow
