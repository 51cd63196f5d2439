// SPDX-License-Identifier: GPL-3.0-or-later
// Editing one policy replays that one only; the others stay the very same objects.
#include "app/work/splice.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace winnow;
using namespace winnow::app;

namespace {

TraceInfo smallTrace()
{
    TraceInfo info;
    info.tokens = {5, 6, 7, 8};
    info.layers = {Layer(0), Layer(1)};
    LayerInfo layer;
    layer.queryHeads = 4;
    layer.keyHeads = 2;
    layer.headDim = 8;
    info.layerInfo = {layer, layer};
    return info;
}

std::shared_ptr<const PolicyReplay> finished(const std::string& line)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = parsePolicySpec(line).value();
    policy->layers = 2;
    policy->lanes = 2;
    policy->tokens = policy->stepsDone = 4;
    policy->evictStep.assign(16, -1);
    return policy;
}

std::vector<PolicySpec> specs(const std::vector<std::string>& lines)
{
    std::vector<PolicySpec> parsed;
    for (const std::string& line : lines)
        parsed.push_back(parsePolicySpec(line).value());
    return parsed;
}

std::shared_ptr<const ReplayResult> resultOf(const std::vector<std::string>& lines)
{
    auto result = std::make_shared<ReplayResult>();
    const TraceInfo info = smallTrace();
    result->tokenIds = info.tokens;
    result->layers = info.layers;
    result->prompt = 2;
    for (const std::string& line : lines)
        result->policies.push_back(finished(line));
    return result;
}

} // namespace

TEST(Splice, keepsWhatDidNotChangeAndNamesWhatIsMissing)
{
    const auto old = resultOf({"h2o:budget=2", "tova:budget=2", "window:budget=2"});
    const ReplayPlan plan = planReplay(smallTrace(), old, specs({"h2o:budget=2", "tova:budget=3", "window:budget=2"}), 2);
    EXPECT_EQ(plan.missing(), std::vector{1});
    EXPECT_EQ(plan.shown->policies[0], old->policies[0]);
    EXPECT_EQ(plan.shown->policies[1], old->policies[1]) << "the old picture stays until the new one is there";
    EXPECT_EQ(plan.places[1], Place::Stale);
}

TEST(Splice, reorderingReplaysNothing)
{
    const auto old = resultOf({"h2o:budget=2", "tova:budget=2"});
    const ReplayPlan plan = planReplay(smallTrace(), old, specs({"tova:budget=2", "h2o:budget=2"}), 2);
    EXPECT_TRUE(plan.missing().empty());
    EXPECT_EQ(plan.shown->policies[0], old->policies[1]);
}

TEST(Splice, anAddedPolicyIsBlankUntilItsStepsArrive)
{
    const ReplayPlan plan = planReplay(smallTrace(), resultOf({"h2o:budget=2"}), specs({"h2o:budget=2", "tova:budget=2"}), 2);
    EXPECT_EQ(plan.places[1], Place::Blank);
    EXPECT_EQ(plan.shown->policies[1]->stepsDone, 0);
    EXPECT_EQ(plan.shown->policies[1]->evictStep.size(), 16u);
    ReplayResult fresh = *resultOf({"tova:budget=2"});
    auto half = std::make_shared<PolicyReplay>(*fresh.policies[0]);
    half->stepsDone = 2;
    fresh.policies[0] = half;
    EXPECT_EQ(splice(plan, plan.missing(), fresh)->policies[1]->stepsDone, 2);
}

TEST(Splice, anEditedPolicyKeepsItsOldPictureUntilTheNewOneIsFinished)
{
    const auto old = resultOf({"h2o:budget=2"});
    const ReplayPlan plan = planReplay(smallTrace(), old, specs({"h2o:budget=3"}), 2);
    ReplayResult fresh = *resultOf({"h2o:budget=3"});
    const auto done = fresh.policies[0];
    auto half = std::make_shared<PolicyReplay>(*done);
    half->stepsDone = 2;
    fresh.policies[0] = half;
    EXPECT_EQ(splice(plan, plan.missing(), fresh)->policies[0], old->policies[0]);
    fresh.policies[0] = done;
    EXPECT_EQ(splice(plan, plan.missing(), fresh)->policies[0], done);
}

TEST(Splice, aGpuThatOthersRanOnStaysNamed)
{
    ReplayResult old = *resultOf({"h2o:budget=2", "quest:budget=2"});
    old.manifest["replay_device"] = "stand-in";
    const auto kept = std::make_shared<const ReplayResult>(old);
    const ReplayPlan one = planReplay(smallTrace(), kept, specs({"h2o:budget=2", "quest:budget=3"}), 2);
    ReplayResult fresh = *resultOf({"quest:budget=3"});
    fresh.manifest["replay_device"] = "cpu"; // it had no work for the GPU
    EXPECT_EQ(splice(one, one.missing(), fresh)->manifest.at("replay_device"), "stand-in");
    const ReplayPlan all = planReplay(smallTrace(), kept, specs({"quest:budget=3"}), 2);
    EXPECT_EQ(splice(all, all.missing(), fresh)->manifest.at("replay_device"), "cpu");
}

TEST(Splice, anotherPromptOrTextMakesEverythingMissing)
{
    const auto old = resultOf({"h2o:budget=2"});
    EXPECT_EQ(planReplay(smallTrace(), old, specs({"h2o:budget=2"}), 3).missing(), std::vector{0});
    TraceInfo other = smallTrace();
    other.tokens.back() = 9;
    const ReplayPlan plan = planReplay(other, old, specs({"h2o:budget=2"}), 2);
    EXPECT_EQ(plan.places[0], Place::Blank);
}

TEST(Splice, stepsOfTheSamePolicyStayUntilMoreAreThere)
{
    ReplayResult old = *resultOf({"h2o:budget=2"});
    auto half = std::make_shared<PolicyReplay>(*old.policies[0]);
    half->stepsDone = 3;
    old.policies[0] = half;
    const ReplayPlan plan = planReplay(smallTrace(), std::make_shared<const ReplayResult>(old), specs({"h2o:budget=2"}), 2);
    EXPECT_EQ(plan.missing(), std::vector{0});
    EXPECT_EQ(plan.shown->policies[0], half);
    ReplayResult fresh = *resultOf({"h2o:budget=2"});
    auto fewer = std::make_shared<PolicyReplay>(*fresh.policies[0]);
    fewer->stepsDone = 2;
    fresh.policies[0] = fewer;
    EXPECT_EQ(splice(plan, plan.missing(), fresh)->policies[0], half);
}

TEST(WithPrompt, allIsKeptUntilThePromptEnds)
{
    const ReplayPlan plan = planReplay(smallTrace(), nullptr, specs({"h2o:budget=1"}), 3);
    const auto filled = withPrompt(*plan.shown, 4)->policies[0];
    EXPECT_EQ(filled->stepsDone, 2) << "at the prompt's last step the first may leave";
    EXPECT_EQ(filled->mass[filled->index(1, 1, 1)], 1);
    EXPECT_EQ(filled->occupancy[filled->index(1, 1, 1)], 2);
    EXPECT_TRUE(std::isnan(filled->mass[filled->index(1, 1, 2)]));
    EXPECT_EQ(plan.shown->slotBytes, (std::vector{64, 64})) << "bytes are told of what is shown";
    EXPECT_EQ(withPrompt(*plan.shown, 1)->policies[0]->stepsDone, 1) << "so much was read";
}
