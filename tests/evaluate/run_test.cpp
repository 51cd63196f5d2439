// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run.h"

#include "core/policy/policy_spec.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <stop_token>

namespace winnow {
namespace {

RunOptions longText(const std::string& line)
{
    std::ifstream file(std::filesystem::path(WINNOW_RESOURCES) / "texts/long.txt");
    RunOptions options;
    options.text.model = std::filesystem::path(WINNOW_RESOURCES) / "models/demo";
    options.text.text.assign(std::istreambuf_iterator<char>(file), {});
    options.text.textName = "long.txt";
    options.text.device = "cpu";
    options.policies = {parsePolicySpec(line).value()};
    return options;
}

/// What is told before the model is loaded; then the run is stopped.
RunPlan planned(const RunOptions& options, std::uint64_t memory)
{
    std::stop_source stop;
    RunPlan told;
    const RunHooks hooks{.planned =
                             [&](const RunPlan& plan) {
                                 told = plan;
                                 stop.request_stop();
                             },
                         .memory = memory};
    const auto result = runText(options, hooks, JobContext(stop.get_token()));
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled) << result.error().message;
    return told;
}

TEST(RunText, goesWithoutTheFullCacheWhereMemoryHoldsOnlyTheBudget)
{
    const RunOptions options = longText("streaming:budget=128");
    const RunPlan enough = planned(options, std::uint64_t{1} << 30);
    EXPECT_TRUE(enough.full);
    EXPECT_THAT(enough.warnings, testing::ElementsAre(testing::HasSubstr("was made for 2048")));
    const RunPlan little = planned(options, 40 << 20);
    EXPECT_FALSE(little.full);
    EXPECT_THAT(little.warnings, testing::Contains(testing::HasSubstr("memory holds no full cache of 4086 tokens")));
}

TEST(RunText, readsALongPromptUnderABudgetWhereMemoryHoldsNoFullCache)
{
    RunOptions options = longText("snapkv:budget=128");
    options.prompt = 4000;
    EXPECT_TRUE(planned(options, std::uint64_t{1} << 30).full);
    const RunPlan little = planned(options, 114 << 20);
    EXPECT_FALSE(little.full);
    EXPECT_THAT(little.warnings, testing::Contains(testing::HasSubstr("the policies run without it")));
}

TEST(RunText, isRefusedBeforeTheModelIsLoadedWhereMemoryHoldsNotEvenThat)
{
    bool toldAnything = false;
    const RunHooks hooks{.planned = [&](const RunPlan&) { toldAnything = true; }, .memory = 1 << 20};
    const auto result = runText(longText("streaming:budget=128"), hooks, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::OutOfMemory);
    EXPECT_THAT(result.error().message, testing::HasSubstr("give smaller budgets"));
    EXPECT_FALSE(toldAnything);
}

TEST(RunText, hasTheLossOfAPlainPassUnderFull)
{
    RunOptions options = longText("full");
    options.text.maxTokens = 80;
    const auto result = runText(options, {}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ((*result)->manifest.at("model"), "demo");
    EXPECT_EQ((*result)->manifest.at("loop"), "closed");
    EXPECT_EQ((*result)->policies.front()->run.logprob[79], (*result)->logprob[79]);
}

/// A recording of tokens that no text gives: the demo model's own, backward.
TraceInfo backward(const RunOptions& text, int tokens)
{
    RunOptions options = text;
    options.text.maxTokens = tokens;
    const auto run = runText(options, {}, {});
    TraceInfo recording;
    recording.tokens.assign((*run)->tokenIds.rbegin(), (*run)->tokenIds.rend());
    recording.manifest = {{"text", "backward"},
                          {"dtype", "float32"},
                          {"model_hash", (*run)->manifest.at("model_hash")},
                          {"text_hash", "0123456789abcdef"}};
    return recording;
}

TEST(RunText, runsTheTokensOfARecordingAsTheyAre)
{
    const RunOptions text = longText("streaming:budget=16");
    const TraceInfo recording = backward(text, 40);
    RunOptions options = runOf(recording);
    options.text.model = text.text.model;
    options.text.device = "cpu";
    options.policies = text.policies;
    const auto result = runText(options, {}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ((*result)->tokenIds, recording.tokens);
    EXPECT_EQ((*result)->manifest.at("text"), "backward");
    EXPECT_EQ((*result)->manifest.at("text_hash"), "0123456789abcdef");

    options.modelHash = "0000000000000000";
    const auto other = runText(options, {}, {});
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message, testing::HasSubstr("is not the one that was recorded"));

    options.modelHash.clear();
    options.standsBy = {Layer{1}};
    const auto layers = runText(options, {}, {});
    ASSERT_FALSE(layers);
    EXPECT_THAT(layers.error().message, testing::HasSubstr("record all layers"));

    options.standsBy.clear();
    options.given->tokens[3] = 1 << 20;
    const auto strange = runText(options, {}, {});
    ASSERT_FALSE(strange);
    EXPECT_THAT(strange.error().message, testing::HasSubstr("has a token 1048576"));
}

TEST(RunText, handsOutWhatItHasFoundOutSoFar)
{
    RunOptions options = longText("streaming:budget=16");
    options.text.maxTokens = 120;
    std::vector<ReplayResult> looks;
    const auto result =
        runText(options, {.planned = {}, .advanced = [&](const ReplayResult& soFar) { looks.push_back(soFar); }}, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_FALSE(looks.empty());
    EXPECT_TRUE(looks.front().closedLoop());
    const PolicyReplay &early = *looks.front().policies.front(), &all = *(*result)->policies.front();
    ASSERT_GT(early.stepsDone, 0);
    ASSERT_LT(early.stepsDone, 120);
    EXPECT_TRUE(early.isRun());
    for (int step = 0; step < early.stepsDone; ++step)
        EXPECT_EQ(early.mass[early.index(0, 0, step)], all.mass[all.index(0, 0, step)]);
    EXPECT_TRUE(std::isnan(early.mass[early.index(0, 0, early.stepsDone)]));
    EXPECT_EQ(all.stepsDone, 120);
}

TEST(CheckRun, tellsWhatNeedsTheRecordingsFuture)
{
    TraceInfo recording;
    recording.tokens.assign(64, 1);
    recording.layers = {Layer{0}};
    recording.layerInfo = {LayerInfo{.queryHeads = 1, .keyHeads = 1, .headDim = 8}};
    EXPECT_TRUE(checkRun(recording, parsePolicySpec("tova:budget=16").value(), 32));
    const auto future = checkRun(recording, parsePolicySpec("future:budget=16").value(), 32);
    ASSERT_FALSE(future);
    EXPECT_THAT(future.error().message, testing::HasSubstr("attention still to come"));
}

} // namespace
} // namespace winnow
