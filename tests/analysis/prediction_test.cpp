// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/prediction.h"

#include "core/analysis/figures/figure_catalog.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;

/// One layer of one lane over four tokens, behind a prompt of one.
std::shared_ptr<PolicyReplay> policyOf(const std::string& line, float mass)
{
    auto policy = std::make_shared<PolicyReplay>(
        PolicyReplay{.spec = parsePolicySpec(line).value(), .layers = 1, .lanes = 1, .tokens = 4, .stepsDone = 4, .budget = 3});
    policy->evictStep = std::vector<std::int32_t>(4, -1);
    policy->mass = std::vector<float>(4, mass);
    policy->error = std::vector<float>(4, 1 - mass);
    policy->occupancy = std::vector<std::int32_t>(4, 2);
    return policy;
}

std::shared_ptr<PolicyReplay> runOf(const std::string& line, float loss)
{
    auto policy = policyOf(line, 0.5F);
    policy->run.logprob = {std::nanf(""), 100, 1 - loss, -1 - loss}; // token 1 was said with the whole prompt there
    policy->run.kl = {std::nanf(""), 9, loss / 8, 3 * loss / 8};
    return policy;
}

ReplayResult emptyResult()
{
    ReplayResult result{.tokenIds = {5, 6, 7, 8}, .layers = {Layer{0}}, .prompt = 1, .slotBytes = {8}};
    result.manifest["loop"] = ReplayResult::kBothLoops;
    result.logprob = {std::nanf(""), -1, -1, -3};
    return result;
}

TEST(Prediction, isAPointForEveryRunWithItsReplay)
{
    ReplayResult both = emptyResult();
    both.policies = {policyOf("window:budget=1", 0.25F), policyOf("window:budget=2", 0.5F), policyOf("window:budget=3", 0.75F),
                     runOf("window:budget=3", 2.5F),     runOf("window:budget=1", 4),       runOf("window:budget=2", 3),
                     runOf("window:budget=4", 9)};
    const Prediction loss = predictionOf(both, Metric::Mass, Metric::Loss, {}).value();
    EXPECT_EQ(loss.runs, 4);
    ASSERT_EQ(loss.points.size(), 3U) << "the run of budget 4 has no replay";
    EXPECT_EQ(loss.points[0].run, 3);
    EXPECT_EQ(loss.points[0].replay, 2);
    EXPECT_DOUBLE_EQ(loss.points[0].predicted, 0.75);
    EXPECT_DOUBLE_EQ(loss.points[0].cost, 2.5) << "mean of what was judged under the policy";
    EXPECT_DOUBLE_EQ(*loss.rank, 1) << "less mass with more loss";
    EXPECT_DOUBLE_EQ(*loss.full, 2);
    EXPECT_EQ(rankWords(loss),
              "less mass with more loss: rank correlation 1.00 of 3 points (1: the replays order them as the runs do)");
    Prediction turned = loss;
    turned.rank = -0.4;
    EXPECT_THAT(rankWords(turned), HasSubstr("rank correlation −0.40 of")) << "with the minus sign of the figures";
    const Prediction divergence = predictionOf(both, Metric::Error, Metric::Divergence, {}).value();
    EXPECT_DOUBLE_EQ(divergence.points[1].cost, 1);
    EXPECT_DOUBLE_EQ(*divergence.rank, 1);
    EXPECT_EQ(divergence.full, std::nullopt);
    const Prediction one = predictionOf(both, Metric::Mass, Metric::Loss, {.policies = {4}}).value();
    EXPECT_EQ(one.points.size(), 1U);
    EXPECT_THAT(rankWords(one), HasSubstr("1 point; a rank correlation needs three"));
}

TEST(Prediction, tellsPoliciesOfOneNameAndBudgetApartByWhatIsUnusual)
{
    ReplayResult both = emptyResult();
    const std::vector<std::string> lines = {"streaming:budget=3", "streaming:budget=3,positions=keep",
                                            "streaming:budget=3,sinks=0,positions=keep", "window:budget=3,positions=reassign"};
    for (const std::string& line : lines)
        both.policies.push_back(policyOf(line, 0.25F));
    for (const std::string& line : lines)
        both.policies.push_back(runOf(line, 2));
    const Prediction prediction = predictionOf(both, Metric::Mass, Metric::Loss, {}).value();
    std::vector<std::string> labels;
    for (const Prediction::Point& point : prediction.points)
        labels.push_back(point.label);
    EXPECT_EQ(labels, (std::vector<std::string>{"StreamingLLM 3", "StreamingLLM 3 positions=keep",
                                                "StreamingLLM 3 sinks=0 positions=keep", "Window 3"}));
}

TEST(Prediction, asAFigureSaysWhatIsMissing)
{
    auto both = std::make_shared<ReplayResult>(emptyResult());
    both->policies = {policyOf("window:budget=1", 0.25F)};
    const auto figure = [&](const FigureOptions& options) { return makeFigure("prediction", {.replays = {both}}, options, {}); };
    EXPECT_THAT(figure({}).error().message, HasSubstr("there is no run among the inputs"));
    both->policies = {runOf("window:budget=1", 2)};
    EXPECT_THAT(figure({}).error().message, HasSubstr("no run has its replay beside it"));
    both->policies.push_back(policyOf("window:budget=1", 0.25F));
    for (const int named : {1, 2}) // the run, its replay: either means both
        EXPECT_TRUE(figure({.policies = {named}})) << named;
    both->policies.push_back(policyOf("window:budget=2", 0.5F));
    EXPECT_THAT(figure({.policies = {3}}).error().message, HasSubstr("none of these policies was run in the model"));
    EXPECT_THAT(figure({.metric = "kl"}).error().message, HasSubstr("the kl is the model's"));
    const auto made = figure({});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(made->caption, HasSubstr("open and closed loop, all lanes; across: the replays, up: the runs; "));
}

TEST(DriftFigure, needsARunBesideItsReplay)
{
    auto both = std::make_shared<ReplayResult>(emptyResult());
    both->policies = {policyOf("window:budget=1", 0.25F)};
    const auto missing = makeFigure("drift", {.replays = {both}}, {}, {});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("no run stands beside the replay"));
    both->policies.push_back(runOf("window:budget=1", 2));
    EXPECT_TRUE(makeFigure("drift", {.replays = {both}}, {.drift = "mass"}, {}));
}

} // namespace
} // namespace winnow
