// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/budget_sweep.h"

#include <gtest/gtest.h>

using namespace winnow;

namespace {

/// Two lanes of four tokens in one layer; every lane stores `stored` slots after each step.
std::shared_ptr<const PolicyReplay> made(const char* line, int stored, float mass)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = parsePolicySpec(line).value();
    policy->layers = 1;
    policy->lanes = 2;
    policy->tokens = policy->stepsDone = 4;
    policy->budget = policy->spec.budget().slotCount(4);
    policy->evictStep.assign(8, -1);
    policy->occupancy.assign(8, stored);
    policy->mass.assign(8, mass);
    policy->error.assign(8, 0);
    return policy;
}

ReplayResult sweepOfTwo()
{
    ReplayResult replay;
    replay.tokenIds = {1, 2, 3, 4};
    replay.layers = {Layer(0)};
    replay.slotBytes = {10};
    replay.policies = {made("h2o:budget=4", 4, 0.9F), made("tova:budget=2", 2, 0.5F), made("h2o:budget=2", 2, 0.6F)};
    return replay;
}

} // namespace

TEST(BudgetSweep, policiesThatDifferInTheirBudgetAreOneLineByBudget)
{
    const auto sweep = budgetSweep(sweepOfTwo(), Metric::Mass, {.steps = StepSpan{0, 4}}, {});
    ASSERT_TRUE(sweep) << sweep.error().message;
    ASSERT_EQ(sweep->lines.size(), 2U);
    const auto& h2o = sweep->lines[0];
    EXPECT_EQ(h2o.policy, 0);
    ASSERT_EQ(h2o.points.size(), 2U);
    EXPECT_EQ(h2o.points[0].budget, 2);
    EXPECT_NEAR(h2o.points[0].value, 0.6, 1e-6);
    EXPECT_EQ(h2o.points[0].policy, 2);
    EXPECT_DOUBLE_EQ(h2o.points[0].stored, 2);
    EXPECT_DOUBLE_EQ(h2o.points[0].bytes, 2 * 2 * 10) << "two lanes of two slots of ten bytes";
    EXPECT_DOUBLE_EQ(h2o.points[1].bytes, 2 * 4 * 10);
    EXPECT_EQ(sweep->lines[1].title, "TOVA");
}

TEST(BudgetSweep, aParameterOfItsOwnIsAnotherLine)
{
    ReplayResult replay = sweepOfTwo();
    replay.policies = {made("streaming:budget=4,sinks=1", 4, 0.9F), made("streaming:budget=3,sinks=2", 3, 0.9F)};
    EXPECT_EQ(budgetSweep(replay, Metric::Mass, {}, {})->lines.size(), 2U);
}

TEST(BudgetSweep, bytesOfOneLaneAndOfSomeSteps)
{
    const ReplayResult replay = sweepOfTwo();
    const int lane = 1;
    EXPECT_DOUBLE_EQ(meanBytes(replay, *replay.policies[0], std::span(&lane, 1), {1, 3}), 40);
    EXPECT_DOUBLE_EQ(meanBytes(replay, *replay.policies[0], {}, {1, 3}), 80);
}

TEST(BudgetSweep, theNextBudgetIsInProportionAndWithinTheText)
{
    EXPECT_EQ(nextBudget(128, 1000, 500, 768), 64);
    EXPECT_EQ(nextBudget(128, 1000, 1e9, 768), 768);
    EXPECT_EQ(nextBudget(128, 1000, 1, 768), 1);
    EXPECT_EQ(nextBudget(128, 0, 500, 768), 128) << "nothing is known";
}
