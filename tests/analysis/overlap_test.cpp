// SPDX-License-Identifier: GPL-3.0-or-later
// What two policies have in common and where they part, by hand on lifetimes of a few tokens.
#include "core/analysis/overlap.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::ElementsAre;

PolicyReplay lifetimes(int lanes, std::vector<std::int32_t> evictStep)
{
    PolicyReplay policy{.layers = 1, .lanes = lanes, .tokens = static_cast<int>(evictStep.size()) / lanes};
    policy.stepsDone = policy.tokens;
    policy.evictStep = std::move(evictStep);
    return policy;
}

double overlapAfter(const PolicyReplay& a, const PolicyReplay& b, int step)
{
    return *meanOverlap(a, b, pairLanes(a, b, {}, 1), {step, step + 1});
}

std::optional<int> firstParting(const PolicyReplay& a, const PolicyReplay& b)
{
    return nextDivergence(a, b, pairLanes(a, b, {}, 1), -1, 1);
}

TEST(Overlap, isTheSharedPartOfWhatEitherStores)
{
    const PolicyReplay a = lifetimes(1, {-1, 2, -1, -1}), b = lifetimes(1, {3, -1, 2, -1});
    EXPECT_DOUBLE_EQ(overlapAfter(a, b, 1), 1);       // 0 1 | 0 1
    EXPECT_DOUBLE_EQ(overlapAfter(a, b, 2), 1.0 / 3); // 0 2 | 0 1
    EXPECT_DOUBLE_EQ(overlapAfter(a, b, 3), 1.0 / 4); // 0 2 3 | 1 3
    EXPECT_DOUBLE_EQ(overlapAfter(a, a, 3), 1);
    EXPECT_DOUBLE_EQ(overlapAfter(lifetimes(1, {0}), lifetimes(1, {0}), 0), 1) << "neither stores anything";
}

TEST(Overlap, comparesAKvHeadWithEachOfItsQueryHeads)
{
    const PolicyReplay kv = lifetimes(1, {-1, -1}), query = lifetimes(2, {-1, -1, 1, -1});
    EXPECT_DOUBLE_EQ(overlapAfter(kv, query, 1), (1.0 + 0.5) / 2);
}

TEST(Divergence, isAStepAfterWhichTheStoresDiffer)
{
    const PolicyReplay a = lifetimes(1, {-1, 2, -1, -1}), b = lifetimes(1, {3, -1, 2, -1}), c = lifetimes(1, {-1, 2, -1, 3});
    EXPECT_EQ(firstParting(a, b), 2);
    EXPECT_EQ(firstParting(a, c), 3);
    EXPECT_EQ(firstParting(a, a), std::nullopt);
    const PolicyReplay full = lifetimes(1, {-1, -1, -1}); // every single token counts, the first and the last too
    EXPECT_EQ(firstParting(full, lifetimes(1, {1, -1, -1})), 1);
    EXPECT_EQ(firstParting(full, lifetimes(1, {-1, -1, 2})), 2);
    EXPECT_EQ(firstParting(full, lifetimes(1, {0, -1, -1})), 0);
}

TEST(Divergence, isSoughtBeforeAndBehindAStepAndNeverAtIt)
{
    const PolicyReplay full = lifetimes(1, {-1, -1, -1, -1, -1, -1}), a = lifetimes(1, {1, 3, -1, 5, -1, -1});
    const LanePairs pairs = pairLanes(full, a, {}, 1);
    std::vector<int> after, before;
    for (int step = 0; step < 6; ++step) {
        after.push_back(nextDivergence(full, a, pairs, step, 1).value_or(-1));
        before.push_back(nextDivergence(full, a, pairs, step, -1).value_or(-1));
    }
    EXPECT_THAT(after, ElementsAre(1, 3, 3, 5, 5, -1));
    EXPECT_THAT(before, ElementsAre(-1, -1, 1, 1, 3, 3));
}

TEST(Divergence, namesTheTokensOfARange)
{
    const PolicyReplay full = lifetimes(1, {-1, -1, -1, -1, -1}), a = lifetimes(1, {4, 3, 4, -1, 4});
    const LanePairs pairs = pairLanes(full, a, {}, 1);
    EXPECT_THAT(divergingTokens(full, a, pairs, 4, 0, 5), ElementsAre(0, 2, 4));
    EXPECT_THAT(divergingTokens(full, a, pairs, 4, 1, 4), ElementsAre(2));
    EXPECT_THAT(divergingTokens(full, a, pairs, 4, -3, 99), ElementsAre(0, 2, 4));
    EXPECT_THAT(divergingTokens(full, a, pairs, 3, 0, 5), ElementsAre(1));
}

} // namespace
} // namespace winnow
