// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/lane_cache.h"

#include "core/cache/erase_slots.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::ElementsAre;

LaneCache filled(int tokens, PositionMode mode = PositionMode::Keep)
{
    LaneCache cache(mode);
    for (int token = 0; token < tokens; ++token)
        cache.append(token);
    return cache;
}

std::vector<int> positionsOf(const LaneCache& cache)
{
    std::vector<int> positions;
    for (std::size_t slot = 0; slot < cache.size(); ++slot)
        positions.push_back(cache.position(static_cast<int>(slot)));
    return positions;
}

TEST(LaneCache, holdsWhatWasAppendedAndNotEvicted)
{
    LaneCache cache = filled(5);
    EXPECT_FALSE(cache.evicted());
    EXPECT_THAT(cache.evict(std::vector{1, 3}, {}), ElementsAre(-1, -1));
    EXPECT_THAT(cache.tokens(), ElementsAre(0, 2, 4));
    EXPECT_TRUE(cache.evicted());
    cache.append(5);
    EXPECT_EQ(cache.token(3), 5);
}

TEST(LaneCache, keepsPositionsUnlessTold)
{
    LaneCache cache = filled(5);
    cache.evict(std::vector{0}, {});
    EXPECT_FALSE(cache.moved());
    EXPECT_THAT(positionsOf(cache), ElementsAre(1, 2, 3, 4));
}

TEST(LaneCache, reassignsPositionsBySlotOnceSomethingWasEvicted)
{
    LaneCache cache = filled(5, PositionMode::Reassign);
    EXPECT_FALSE(cache.moved());
    cache.evict(std::vector{1}, {});
    EXPECT_TRUE(cache.moved());
    EXPECT_THAT(positionsOf(cache), ElementsAre(0, 1, 2, 3));
    cache.append(5);
    cache.evict(std::vector{0, 1}, {});
    EXPECT_THAT(positionsOf(cache), ElementsAre(0, 1, 2));
}

TEST(LaneCache, renumberedSlotsKeepTheirPositionsAndTheTextGoesOnBehindThem)
{
    LaneCache cache = filled(5, PositionMode::Once);
    cache.evict(std::vector{1, 2}, {});
    EXPECT_FALSE(cache.moved());
    cache.renumber();
    cache.append(5);
    EXPECT_THAT(positionsOf(cache), ElementsAre(0, 1, 2, 3));
    cache.evict(std::vector{1}, {});
    EXPECT_THAT(positionsOf(cache), ElementsAre(0, 2, 3)); // a later eviction leaves a gap
    cache.append(6);
    EXPECT_EQ(cache.position(3), 4);
}

TEST(LaneCache, aWindowHidesOneTokenAndThatIsNoEviction)
{
    LaneCache cache = filled(4, PositionMode::Reassign);
    EXPECT_EQ(cache.hiddenAfter(3, 0), std::nullopt);
    EXPECT_EQ(cache.hiddenAfter(3, 5), std::nullopt);
    ASSERT_EQ(cache.hiddenAfter(3, 4), 0);
    cache.leaveWindow(0);
    EXPECT_THAT(cache.tokens(), ElementsAre(1, 2, 3));
    EXPECT_FALSE(cache.evicted());
    EXPECT_FALSE(cache.moved());
    cache.evict(std::vector{0}, {}); // token 1, which the window would have hidden next
    cache.append(4);
    EXPECT_EQ(cache.hiddenAfter(4, 4), std::nullopt);
}

TEST(LaneCache, countsTokensWithTheSlotThatTheyWentInto)
{
    LaneCache cache = filled(4);
    EXPECT_FALSE(cache.merged());
    EXPECT_EQ(cache.tokensIn(2), 1);
    const std::vector<Merge> merges{{.from = 1, .into = 2, .keyComes = .5F}, {.from = 2, .into = 3, .keyComes = .5F}};
    EXPECT_THAT(cache.evict(std::vector{1, 2}, merges), ElementsAre(-1, 3)); // 1 went into 2, which left too
    EXPECT_EQ(cache.tokensIn(0), 1);
    EXPECT_EQ(cache.tokensIn(1), 3);
    cache.append(4);
    EXPECT_EQ(cache.tokensIn(2), 1);
}

TEST(LaneCache, valuesAloneDoNotMakeASlotStandForMore)
{
    LaneCache cache = filled(3);
    EXPECT_THAT(cache.evict(std::vector{0}, std::vector<Merge>{{.from = 0, .into = 1, .valueComes = 1}}), ElementsAre(1));
    EXPECT_FALSE(cache.merged());
    EXPECT_EQ(cache.tokensIn(0), 1);
}

TEST(MergeTargets, aTokenIsCountedWithTheFirstSlotThatStays)
{
    const std::vector<Merge> merges{{.from = 0, .into = 1, .count = 3}, {.from = 1, .into = 2, .count = 1}};
    EXPECT_THAT(mergeTargets(merges, std::vector{0, 1, 2}), ElementsAre(3, -1, -1));
}

TEST(EraseSlots, compactsEntriesOfAnyWidth)
{
    std::vector<int> values{0, 1, 2, 3, 4, 5};
    eraseSlots(values, std::vector{1, 2}, 2);
    EXPECT_THAT(values, ElementsAre(0, 1));
    values = {0, 1, 2, 3};
    eraseSlots(values, std::vector{0, 3});
    EXPECT_THAT(values, ElementsAre(1, 2));
    eraseSlots(values, {});
    EXPECT_THAT(values, ElementsAre(1, 2));
}

} // namespace
} // namespace winnow
