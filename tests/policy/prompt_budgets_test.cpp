// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that are shared out at the end of the prompt, on the worked examples of the specification.
#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/cascading_budget.h"
#include "core/policy/parts/budget/dynamic_budget.h"
#include "core/policy/parts/budget/head_budget.h"
#include "core/policy/presets/ladder.h"
#include "core/policy/presets/snapkv_presets.h"

#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

using testing::ElementsAre;

PromptScores twoHeads(std::vector<double> first, const std::vector<double>& second)
{
    const int tokens = static_cast<int>(first.size());
    first.insert(first.end(), second.begin(), second.end());
    return {.units = 2, .tokens = tokens, .begin = 0, .end = tokens, .scores = std::move(first)};
}

// WE-ADA
TEST(AdaptiveBudget, scatteredHeadsGetMore)
{
    const auto scores = twoHeads({.50, .20, .10, .08, .07, .05}, {.20, .18, .17, .16, .15, .14});
    EXPECT_THAT(adaptiveSlots({.floor = .2}, scores, 3, 0), ElementsAre(2, 3)); // 5, not 6: the floor is cut to whole slots
    EXPECT_THAT(adaptiveSlots({.floor = .2, .normalize = true}, scores, 3, 0), ElementsAre(2, 3));
}

// WE-ADA, with B = 10
TEST(AdaptiveBudget, theFloorPullsTowardTheMean)
{
    // 20 strong scores, 17 of them in the second head.
    std::vector<double> first(30, .01), second(30, .01);
    std::fill_n(first.begin(), 3, 1);
    std::fill_n(second.begin(), 17, 1);
    EXPECT_THAT(adaptiveSlots({.floor = .2}, twoHeads(first, second), 10, 0), ElementsAre(4, 16));
}

// AdaKVPress (section 2.3)
TEST(AdaptiveBudget, asInThePressKeepsItsTotalAndEachHeadsBest)
{
    using Form = AdaptiveBudget::Form;
    const std::vector<double> even{.20, .18, .17, .16, .15, .14};
    EXPECT_THAT(adaptiveSlots({.form = Form::Safeguard, .floor = 0}, twoHeads({.50, .20, .10, .08, .07, .05}, even), 3, 0),
                ElementsAre(2, 4));
    const std::vector<double> lonely{.5, .01, .02, .03, .04, .05};
    EXPECT_THAT(adaptiveSlots({.form = Form::Safeguard, .floor = .2}, twoHeads(lonely, even), 3, 0), ElementsAre(1, 5));
    EXPECT_THAT(adaptiveSlots({.form = Form::Safeguard, .floor = .7}, twoHeads(lonely, even), 3, 0), ElementsAre(2, 4));
}

TEST(AdaptiveBudget, aBudgetThatHoldsAllIsNotShared)
{
    EXPECT_THAT(adaptiveSlots({}, twoHeads({.5, .2}, {.3, .1}), 2, 0), ElementsAre(2, 2));
}

// WE-DYN-1, WE-DYN-2, WE-DYN-3
TEST(DynamicBudget, layersGetTheirShareOfTheVotes)
{
    const int votes = 30 * 4 * 4;
    EXPECT_THAT(dynamicSlots({200, 140, 100, 40}, votes, 200, 30, 4, true, true), ElementsAre(50, 35, 24, 11));
    EXPECT_THAT(dynamicSlots({200, 140, 100, 40}, votes, 200, 30, 8, false, true), ElementsAre(100, 70, 49, 21));
    EXPECT_THAT(dynamicSlots({199, 141, 103, 37}, votes, 200, 30, 4, true, true), ElementsAre(49, 35, 24, 12));
}

TEST(DynamicBudget, theRestGoesToTheLargestRemaindersUnlessSaid)
{
    // 83, 58, 41, 16 of 198 on a sum of 120: 50.30, 35.15, 24.85, 9.70.
    EXPECT_THAT(dynamicSlots({200, 140, 100, 40}, 480, 200, 30, 4, true, false), ElementsAre(50, 35, 25, 10));
}

// WE-CAKE-2
TEST(CascadingBudget, everyLayerTakesItsShareOfAllSoFar)
{
    EXPECT_THAT(cascadedSlots({.5}, 40, 18), ElementsAre(18));
    EXPECT_THAT(cascadedSlots({.5, .2}, 40, 18), ElementsAre(18, 21)); // above the cap again; clipped by whoever asks
    EXPECT_THAT(cascadedSlots({.5, .2, .2}, 40, 18), ElementsAre(18, 11, 11));
    EXPECT_THAT(cascadedSlots({.5, .2, .2, .1}, 40, 18), ElementsAre(18, 9, 9, 4));
}

// WE-HEADKV
TEST(HeadBudget, followsTheTable)
{
    const auto slots = headSlots(std::vector<double>{.4, .3, .2, .1}, 128, 1.01);
    EXPECT_THAT(slots, ElementsAre(204, 153, 103, 52));
    EXPECT_EQ(std::accumulate(slots.begin(), slots.end(), 0), 4 * 128);
}

// WE-ROCKET, its first stage
TEST(RocketBudget, isWhatThePaperDerives)
{
    EXPECT_EQ(rocketBudgets(512, 32768, 128).capacity, 3191);
    EXPECT_EQ(rocketBudgets(512, 32768, 128).prompt, 3063);
    EXPECT_EQ(rocketBudgets(1024, 8192, 128).capacity, 3717);
    EXPECT_EQ(rocketBudgets(1024, 8192, 128).prompt, 3589);
}

// Section 1.16: Llama, 32 layers
TEST(Ladder, followsTheModelsLayers)
{
    const Ladder wide = ladderOf(32, 16, 0), narrow = ladderOf(32, 8, 4);
    EXPECT_THAT((std::vector{wide.before, wide.after}), ElementsAre(2, 1));
    EXPECT_THAT((std::vector{narrow.before, narrow.after}), ElementsAre(7, 2));
}

} // namespace
} // namespace winnow
