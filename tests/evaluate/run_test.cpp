// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run.h"

#include "core/policy/policy_spec.h"

#include <gmock/gmock.h>

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

} // namespace
} // namespace winnow
