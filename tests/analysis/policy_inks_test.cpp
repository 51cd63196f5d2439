// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/policy_inks.h"

#include "tests/support/synthetic_replay.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(PolicyInks, aRunHasTheColorOfItsReplayAndDots)
{
    ReplayResult both = *test::syntheticReplay({.policies = 3});
    both.policies.push_back(test::asRun(*both.policies[2], 2));
    both.policies.push_back(test::asRun(*test::syntheticPolicy(4, {}), 2)); // of which there is no replay
    EXPECT_EQ(policyInks(both), (std::vector<PolicyInk>{{0, false}, {1, false}, {2, false}, {2, true}, {4, true}}));
}

} // namespace
} // namespace winnow
