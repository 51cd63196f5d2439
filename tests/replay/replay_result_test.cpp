// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a cache, by hand on lifetimes of a few tokens, and who is kept by rule.
#include "core/replay/replay_result.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

PolicyReplay lifetimes(int lanes, std::vector<std::int32_t> evictStep)
{
    PolicyReplay policy{.layers = 1, .lanes = lanes, .tokens = static_cast<int>(evictStep.size()) / lanes};
    policy.evictStep = std::move(evictStep);
    policy.occupancy.assign(policy.evictStep.size(), 0);
    for (int lane = 0; lane < lanes; ++lane)
        for (int step = 0; step < policy.tokens; ++step)
            for (int token = 0; token <= step; ++token)
                policy.occupancy[policy.index(0, lane, step)] += policy.keeps(0, lane, token, step);
    return policy;
}

TEST(CacheBytes, padLanesToTheLongestOfTheirLayer)
{
    const PolicyReplay policy = lifetimes(2, {-1, -1, -1, 0, 1, -1}); // 3 slots and 1 after step 2
    const ReplayResult result{.slotBytes = {64}};
    const CacheBytes bytes = cacheBytes(result, policy, Step{2});
    EXPECT_EQ(bytes.logical, 4u * 64);
    EXPECT_EQ(bytes.physical, 6u * 64);
}

TEST(KeptByRule, knowsSinksRecentAndTheObservationWindow)
{
    const KeptByRule rule{.sinks = 2, .recent = 3};
    EXPECT_TRUE(rule(1, 50) && rule(48, 50) && rule(50, 50));
    EXPECT_FALSE(rule(2, 50) || rule(47, 50));
    const KeptByRule window{.from = 20};
    EXPECT_TRUE(window(20, 99) && window(90, 99));
    EXPECT_FALSE(window(19, 99));
}

} // namespace
} // namespace winnow
