// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay_result.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace winnow {

int PolicyReplay::attendedCount(int layer, int lane, int step) const
{
    if (!selects())
        return step == 0 ? 1 : occupancy[index(layer, lane, step - 1)] + 1;
    int count = 0;
    for (int page = 0; page * pageTokens <= step; ++page) {
        if (!readsPage(layer, lane, page, step))
            continue;
        for (int token = page * pageTokens; token < std::min((page + 1) * pageTokens, step + 1); ++token)
            count += static_cast<std::uint32_t>(evictStep[index(layer, lane, token)]) >= static_cast<std::uint32_t>(step);
    }
    return count;
}

std::vector<float> regretAgainst(const PolicyReplay& policy, std::span<const float> oracle)
{
    std::vector<float> regret(oracle.size());
    std::transform(oracle.begin(), oracle.end(), policy.mass.begin(), regret.begin(), std::minus<>());
    return regret;
}

double meanStored(const PolicyReplay& policy, int begin, int end)
{
    double sum = 0;
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(policy.layers) * policy.lanes; ++lane)
        for (int step = begin; step < end; ++step)
            sum += policy.occupancy[lane * policy.tokens + static_cast<std::size_t>(step)];
    return sum / (static_cast<double>(policy.layers) * policy.lanes * (end - begin));
}

ChoiceCount countChoices(const PolicyReplay& policy)
{
    ChoiceCount count;
    if (policy.scoreAtEviction.empty())
        return count;
    enum class At : std::uint8_t { Nothing, Choice, Tie };
    std::vector<At> steps;
    for (int layer = 0; layer < policy.layers; ++layer)
        for (int lane = 0; lane < policy.lanes; ++lane) {
            steps.assign(static_cast<std::size_t>(policy.tokens), At::Nothing);
            for (int token = 0; token < policy.tokens; ++token) {
                const auto cell = policy.index(layer, lane, token);
                const float score = policy.scoreAtEviction[cell];
                if (policy.evictStep[cell] < 0 || std::isnan(score)) // a sliding window takes without a choice
                    continue;
                At& at = steps[static_cast<std::size_t>(policy.evictStep[cell])];
                at = std::max(at, score == policy.lowestKept[cell] ? At::Tie : At::Choice);
            }
            count.made += std::count_if(steps.begin(), steps.end(), [](At at) { return at != At::Nothing; });
            count.tied += std::count(steps.begin(), steps.end(), At::Tie);
        }
    return count;
}

CacheBytes cacheBytes(const ReplayResult& result, const PolicyReplay& policy, Step step)
{
    CacheBytes bytes;
    for (int layer = 0; layer < policy.layers; ++layer) {
        std::uint64_t stored = 0, longest = 0;
        for (int lane = 0; lane < policy.lanes; ++lane) {
            const auto slots = static_cast<std::uint64_t>(std::max(0, policy.occupancy[policy.index(layer, lane, raw(step))]));
            stored += slots;
            longest = std::max(longest, slots);
        }
        const auto perSlot = static_cast<std::uint64_t>(result.slotBytes[static_cast<std::size_t>(layer)]);
        bytes.logical += stored * perSlot;
        bytes.physical += longest * static_cast<std::uint64_t>(policy.lanes) * perSlot;
    }
    return bytes;
}

} // namespace winnow
