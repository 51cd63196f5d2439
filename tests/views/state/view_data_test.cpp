// SPDX-License-Identifier: GPL-3.0-or-later
// When what a view shows stands on something that is gone.
#include "tests/support/synthetic_replay.h"
#include "views/state/lane_choice.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

TEST(ViewData, leavesWhatHasOtherTokensAndNotWhatGrows)
{
    const auto info = test::syntheticInfo({.tokens = 32});
    const auto replay = test::syntheticReplay({.tokens = 32, .budget = 8, .policies = 2});
    const auto shorter = test::syntheticReplay({.tokens = 16, .budget = 8, .policies = 2});
    EXPECT_FALSE(leaves({}, {.info = info})) << "there was nothing";
    EXPECT_FALSE(leaves({.info = info}, {.info = info, .replay = replay})) << "its replay arrived";
    EXPECT_FALSE(leaves({.info = info}, {.info = test::syntheticInfo({.tokens = 32})})) << "the recording was finished";
    EXPECT_FALSE(leaves({.replay = replay}, {.info = info, .replay = replay})) << "the recording of a replay was found";
    EXPECT_TRUE(leaves({.info = info}, {})) << "it was closed";
    EXPECT_TRUE(leaves({.replay = replay}, {}));
    EXPECT_TRUE(leaves({.replay = replay}, {.replay = shorter}));
    EXPECT_TRUE(leaves({.info = info}, {.info = test::syntheticInfo({.tokens = 16})}));
    auto other = std::make_shared<TraceInfo>(*info);
    other->tokens.back() += 1;
    EXPECT_TRUE(leaves({.info = info}, {.info = other})) << "as long, but another text";
}

TEST(ViewData, hasOnlyTheLanesOfItsLayersAndHeads)
{
    const ViewData data{.info = test::syntheticInfo({.tokens = 32, .layers = 2, .lanes = 3})};
    EXPECT_EQ(lanesThere(data, {{0, 2}, {1, 0}}), (std::vector<Lane>{{0, 2}, {1, 0}}));
    EXPECT_EQ(lanesThere(data, {{0, 3}, {2, 0}, {1, -1}, {-1, 1}, {1, 1}, {9999, 9999}}), (std::vector<Lane>{{1, 1}}));
    EXPECT_EQ(lanesThere({}, {{7, 7}}), (std::vector<Lane>{{7, 7}})) << "not known yet";
}

TEST(ViewData, isComputedUpToTheStepsThatAReplayHasDone)
{
    ViewData data;
    EXPECT_EQ(computedAt(data, 0, 0), nullptr) << "before anything ran";
    data.replay = test::syntheticReplay({.tokens = 60, .policies = 2, .stepsDone = 40});
    EXPECT_EQ(computedAt(data, 1, 39), data.replay->policies[1].get());
    EXPECT_EQ(computedAt(data, 1, 40), nullptr);
    EXPECT_EQ(computedAt(data, 2, 0), nullptr) << "there is no such policy";
    EXPECT_EQ(computedAt(data, -1, 0), nullptr);
}

} // namespace
} // namespace winnow::views
