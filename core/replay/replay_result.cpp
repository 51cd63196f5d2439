// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay_result.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace winnow {

namespace {

/// Calls `compare(laneOfA, laneOfB)` for every pair of lanes that hold the same KV head.
template <class Compare>
void forLanePairs(const PolicyReplay& a, const PolicyReplay& b, const Compare& compare)
{
    WINNOW_CHECK(a.layers == b.layers && a.tokens == b.tokens, "replays of different traces");
    const int lanes = std::max(a.lanes, b.lanes);
    for (int layer = 0; layer < a.layers; ++layer)
        for (int lane = 0; lane < lanes; ++lane)
            compare(layer, lane * a.lanes / lanes, lane * b.lanes / lanes);
}

} // namespace

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

double jaccard(const PolicyReplay& a, const PolicyReplay& b, Step step)
{
    double sum = 0;
    int pairs = 0;
    forLanePairs(a, b, [&](int layer, int laneA, int laneB) {
        int both = 0, either = 0;
        for (int token = 0; token <= raw(step); ++token) {
            const bool inA = a.shows(layer, laneA, token, raw(step)), inB = b.shows(layer, laneB, token, raw(step));
            both += inA && inB;
            either += inA || inB;
        }
        sum += either == 0 ? 1.0 : static_cast<double>(both) / either;
        ++pairs;
    });
    return pairs == 0 ? 1.0 : sum / pairs;
}

std::optional<Step> firstDivergence(const PolicyReplay& a, const PolicyReplay& b)
{
    // Two lanes part at the earlier of the steps at which one of them lets go of a token that the other still holds.
    auto first = std::numeric_limits<std::uint32_t>::max();
    forLanePairs(a, b, [&](int layer, int laneA, int laneB) {
        if (a.selects() || b.selects()) {
            for (int step = 0; step < a.tokens && static_cast<std::uint32_t>(step) < first; ++step)
                for (int token = 0; token <= step; ++token)
                    if (a.shows(layer, laneA, token, step) != b.shows(layer, laneB, token, step))
                        first = std::min(first, static_cast<std::uint32_t>(step));
            return;
        }
        for (int token = 0; token < a.tokens; ++token) {
            const auto leftA = static_cast<std::uint32_t>(a.evictStep[a.index(layer, laneA, token)]);
            const auto leftB = static_cast<std::uint32_t>(b.evictStep[b.index(layer, laneB, token)]);
            if (leftA != leftB)
                first = std::min({first, leftA, leftB});
        }
    });
    if (first == std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    return Step{static_cast<std::int32_t>(first)};
}

} // namespace winnow
