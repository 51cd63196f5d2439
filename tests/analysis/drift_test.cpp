// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/drift.h"

#include "core/analysis/comparison.h"
#include "core/analysis/run_costs.h"
#include "core/analysis/split_loops.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

/// Two layers of one lane over three tokens.
ReplayResult resultOf(std::vector<std::int32_t> left, std::vector<float> mass, bool closed)
{
    PolicyReplay policy{.spec = parsePolicySpec("window:budget=2").value(), .layers = 2, .lanes = 1, .tokens = 3, .stepsDone = 3};
    policy.evictStep = std::move(left);
    policy.mass = std::move(mass);
    policy.error = std::vector<float>(6, closed ? 0.5F : 0.25F);
    policy.occupancy = std::vector<std::int32_t>(6, 2);
    if (closed)
        policy.run = {.logprob = {std::nanf(""), -1, -3}, .hiddenError = {0, 0.25F, 0.5F, 0, 0.75F, 0.5F}};
    ReplayResult result{.tokenIds = {5, 6, 7}, .layers = {Layer{0}, Layer{4}}, .prompt = 1, .slotBytes = {8, 8}};
    result.manifest["loop"] = closed ? "closed" : "open";
    result.policies.push_back(std::make_shared<PolicyReplay>(std::move(policy)));
    return result;
}

TEST(Drift, isTheShareOfLifetimesThatDifferAndWhatMassAndErrorLose)
{
    const ReplayResult run = resultOf({2, -1, -1, -1, 2, -1}, {1, 0.5F, 0.25F, 1, 1, 1}, true);
    const ReplayResult replay = resultOf({2, -1, -1, 2, -1, -1}, {1, 1, 1, 1, 1, 1}, false);
    const auto drifts = driftBetween(run, replay);
    ASSERT_EQ(drifts.size(), 1U);
    ASSERT_EQ(drifts[0].layers.size(), 2U);
    EXPECT_EQ(drifts[0].layers[0].differing, 0);
    EXPECT_DOUBLE_EQ(drifts[0].layers[1].differing, 2.0 / 3);
    EXPECT_DOUBLE_EQ(drifts[0].all.differing, 1.0 / 3);
    EXPECT_DOUBLE_EQ(drifts[0].layers[0].mass, (-0.5 - 0.75) / 2) << "the steps behind the prompt of one token";
    EXPECT_DOUBLE_EQ(drifts[0].all.error, 0.25);
}

TEST(Drift, ofStepsIsThatOfTheWholeTakenApart)
{
    const ReplayResult run = resultOf({2, -1, -1, -1, 2, -1}, {1, 0.5F, 0.25F, 1, 1, 1}, true);
    const ReplayResult replay = resultOf({2, -1, -1, 2, -1, -1}, {1, 1, 1, 1, 1, 1}, false);
    const PolicyDrift drift = driftBetween(run, replay).front();
    ASSERT_EQ(drift.steps.size(), 3U);
    EXPECT_DOUBLE_EQ(drift.steps[0].differing, 0.5) << "token 0 leaves the second layer in the replay alone";
    EXPECT_DOUBLE_EQ(drift.steps[1].differing, 0.5);
    EXPECT_DOUBLE_EQ(drift.steps[2].differing, 0);
    EXPECT_TRUE(std::isnan(drift.steps[0].mass)) << "within the prompt";
    EXPECT_DOUBLE_EQ(drift.steps[1].mass, -0.25);
    EXPECT_DOUBLE_EQ(drift.steps[2].mass, -0.375);
    EXPECT_DOUBLE_EQ((drift.steps[1].mass + drift.steps[2].mass) / 2, drift.all.mass);
    EXPECT_DOUBLE_EQ(driftOver(drift, 1, 3).mass, drift.all.mass);
    EXPECT_DOUBLE_EQ(driftOver(drift, 1, 3).differing, 0.25) << "tokens 1 and 2";
}

TEST(Drift, ofHiddenStatesIsTheRunsErrorAgainstLayerAndStep)
{
    const ReplayResult run = resultOf({-1, -1, -1, -1, -1, -1}, std::vector<float>(6, 1), true);
    const ReplayResult replay = resultOf({-1, -1, -1, -1, -1, -1}, std::vector<float>(6, 1), false);
    const PolicyDrift drift = driftBetween(run, replay).front();
    EXPECT_DOUBLE_EQ(drift.layers[0].hidden, 0.375) << "the steps behind the prompt of one token";
    EXPECT_DOUBLE_EQ(drift.layers[1].hidden, 0.625);
    EXPECT_DOUBLE_EQ(drift.all.hidden, 0.5);
    EXPECT_TRUE(std::isnan(drift.steps[0].hidden)) << "within the prompt";
    EXPECT_DOUBLE_EQ(drift.steps[1].hidden, 0.5);

    const std::vector<NamedReplay> both{{"R", std::make_shared<ReplayResult>(replay)},
                                        {"C", std::make_shared<ReplayResult>(run)}};
    const DriftCurves curves = driftCurves(*joinReplays(both).value(), *findDriftMeasure("hidden"));
    EXPECT_DOUBLE_EQ(curves.steps.lines[0].average, 0.5);
    EXPECT_DOUBLE_EQ(curves.layers.lines[0].mean[1], 0.625);

    auto alone = run;
    auto without = *run.policies.front();
    without.run.hiddenError.clear();
    alone.policies = {std::make_shared<PolicyReplay>(without)};
    EXPECT_TRUE(std::isnan(driftBetween(alone, replay).front().all.hidden)) << "no full cache ran beside it";
}

TEST(Drift, withinOneResultIsThatBetweenTwo)
{
    const auto run = std::make_shared<ReplayResult>(resultOf({2, -1, -1, -1, 2, -1}, {1, 0.5F, 0.25F, 1, 1, 1}, true));
    const auto replay = std::make_shared<ReplayResult>(resultOf({2, -1, -1, 2, -1, -1}, {1, 1, 1, 1, 1, 1}, false));
    const std::vector<NamedReplay> both{{"R", replay}, {"C", run}};
    const auto joined = joinReplays(both).value();
    const auto within = driftWithin(*joined);
    ASSERT_EQ(within.size(), 1U);
    EXPECT_EQ(within[0].run, 1);
    EXPECT_EQ(within[0].replay, 0);
    EXPECT_EQ(within[0].all.differing, driftBetween(*run, *replay)[0].all.differing);
    EXPECT_EQ(within[0].all.mass, driftBetween(*run, *replay)[0].all.mass);

    const DriftCurves curves = driftCurves(*joined, *findDriftMeasure("mass"));
    ASSERT_EQ(curves.steps.lines.size(), 1U);
    EXPECT_EQ(curves.steps.lines[0].policy, 1) << "the run's color";
    EXPECT_EQ(curves.steps.lines[0].label, "Window 0, run");
    EXPECT_EQ(curves.steps.lines[0].average, within[0].all.mass);
    EXPECT_EQ(curves.layers.layers, (std::vector{0, 4}));
    EXPECT_DOUBLE_EQ(curves.layers.lines[0].mean[0], -0.625);
    const int other = 0;
    EXPECT_TRUE(driftCurves(*joined, *findDriftMeasure("mass"), std::span(&other, 1)).steps.lines.empty());
}

TEST(Drift, isNoneOfPoliciesThatOnlyOneOfThemHolds)
{
    const ReplayResult run = resultOf({-1, -1, -1, -1, -1, -1}, std::vector<float>(6, 1), true);
    ReplayResult replay = resultOf({-1, -1, -1, -1, -1, -1}, std::vector<float>(6, 1), false);
    PolicyReplay other = *replay.policies.front();
    other.spec = parsePolicySpec("window:budget=1").value();
    replay.policies = {std::make_shared<PolicyReplay>(other)};
    EXPECT_TRUE(driftBetween(run, replay).empty());
}

TEST(Comparison, ofARunAndItsReplaySaysWhichIsWhich)
{
    const auto run = std::make_shared<ReplayResult>(resultOf({2, -1, -1, 2, -1, -1}, std::vector<float>(6, 1), true));
    const auto replay = std::make_shared<ReplayResult>(resultOf({2, -1, -1, 2, -1, -1}, std::vector<float>(6, 1), false));
    const std::vector<NamedReplay> both{{"R", replay}, {"C", run}};
    const auto joined = joinReplays(both).value();
    ASSERT_EQ(joined->policies.size(), 2U) << "the same lifetimes, but not the same loop";
    const Comparison comparison = comparePolicies(*joined, std::nullopt, {}).value();
    EXPECT_EQ(comparison.loop, "open and closed loop");
    EXPECT_EQ(comparison.rows[0].name, "window");
    EXPECT_EQ(comparison.rows[1].name, "window (run)");
    EXPECT_EQ(comparePolicies(*run, std::nullopt, {}).value().loop, "closed loop");

    const auto [open, closed] = splitLoops(joined);
    ASSERT_TRUE(open && closed);
    EXPECT_EQ(open->policies, replay->policies);
    EXPECT_STREQ(open->loopName(), "open loop");
    EXPECT_EQ(closed->policies, run->policies);
    EXPECT_STREQ(closed->loopName(), "closed loop");
    EXPECT_EQ(splitLoops(replay).runs, nullptr);
    auto blank = *replay;
    blank.slotBytes.clear();
    const std::vector<NamedReplay> early{{"R", std::make_shared<const ReplayResult>(blank)}, {"C", run}};
    EXPECT_EQ(joinReplays(early).value()->slotBytes, run->slotBytes) << "a replay of which no step is computed knows none";
    const std::vector<NamedReplay> again{{"R", replay}, {"B", joined}};
    EXPECT_TRUE(joinReplays(again).value()->bothLoops());
}

TEST(RunCosts, areMeansOverWhatWasJudged)
{
    const ReplayResult run = resultOf({-1, -1, -1, -1, -1, -1}, std::vector<float>(6, 1), true);
    EXPECT_EQ(firstJudged(run), 2);
    ReplayResult whole = run;
    whole.prompt = 2;
    EXPECT_EQ(firstJudged(whole), 3) << "what is said of the last token is said with the whole prompt there";
    EXPECT_EQ(meanLoss(whole.policies[0]->run.logprob, 3), std::nullopt);
    EXPECT_DOUBLE_EQ(*meanLoss(run.policies[0]->run.logprob, 0), 2) << "the first token, of which nothing was said, is left out";
    EXPECT_DOUBLE_EQ(*perplexityOf(meanLoss(run.policies[0]->run.logprob, 2)), std::exp(3.0));
    EXPECT_EQ(meanLoss({}, 0), std::nullopt);
    EXPECT_EQ(mostTaken({.takenBytes = {9, 4, 6}}, 1), 6U);
}

} // namespace
} // namespace winnow
