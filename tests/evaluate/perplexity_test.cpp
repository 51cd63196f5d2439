// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/perplexity.h"

#include "tests/evaluate/small_models.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <stop_token>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PerplexityOptions demoOptions(const std::vector<std::string>& lines, int tokens)
{
    PerplexityOptions options;
    options.text.model = std::filesystem::path(WINNOW_RESOURCES) / "models/demo";
    std::ifstream file(std::filesystem::path(WINNOW_RESOURCES) / "texts/long.txt");
    options.text.text.assign(std::istreambuf_iterator<char>(file), {});
    options.text.maxTokens = tokens;
    options.text.device = "cpu";
    for (const std::string& line : lines)
        options.policies.push_back(parsePolicySpec(line).value());
    return options;
}

TEST(TextWindows, judgeEveryTokenOnce)
{
    EXPECT_THAT(textWindows(10, 4, 2),
                ElementsAre(TextWindow{0, 4, 0}, TextWindow{2, 6, 4}, TextWindow{4, 8, 6}, TextWindow{6, 10, 8}));
    EXPECT_THAT(textWindows(9, 4, 3), ElementsAre(TextWindow{0, 4, 0}, TextWindow{3, 7, 4}, TextWindow{6, 9, 7}));
    EXPECT_THAT(textWindows(9, 4, 4), ElementsAre(TextWindow{0, 4, 0}, TextWindow{4, 8, 4}, TextWindow{8, 9, 8}));
    EXPECT_THAT(textWindows(3, 4, 4), ElementsAre(TextWindow{0, 3, 0}));
}

TEST(Perplexity, byWindowsIsThePlainLossOfEachWindow)
{
    PerplexityOptions options = demoOptions({"full", "streaming:budget=16,sinks=2"}, 100);
    options.window = 40;
    options.stride = 24;
    const auto result = measurePerplexity(options, {}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->windows, 4);
    const auto model = loadedFrom(options.text.model);
    int judged = 0;
    for (const TextWindow& window : textWindows(100, 40, 24)) {
        const std::vector<std::int32_t> part(result->tokens.begin() + window.begin, result->tokens.begin() + window.end);
        const at::Tensor log = PlainPass(*model, part).allLogits.to(at::kDouble).log_softmax(1);
        const auto streamed = ran(*model, part, {"streaming:budget=16,sinks=2"});
        for (int t = std::max(1, window.judged); t < window.end; ++t, ++judged) {
            const auto at = static_cast<std::size_t>(t);
            const double plain = log[t - window.begin - 1][part[static_cast<std::size_t>(t - window.begin)]].item<double>();
            EXPECT_NEAR(result->full[at], plain, 1e-4) << t;
            EXPECT_NEAR(result->policies[0].logprob[at], plain, 1e-4) << t;
            EXPECT_EQ(result->policies[1].logprob[at],
                      streamed->policies[0]->run.logprob[static_cast<std::size_t>(t - window.begin)])
                << t;
        }
    }
    EXPECT_EQ(judged, 99);
    EXPECT_TRUE(std::isnan(result->full[0]));
    EXPECT_LT(result->policies[1].stored, 16);
}

TEST(Perplexity, isThatOfPlainLoopsOfPyTorch)
{
    // tests/fixtures/evaluate/README.md says how the file was made.
    const auto golden = readJson(std::filesystem::path(WINNOW_FIXTURES) / "evaluate/streaming_losses.json").value();
    const auto tokens = golden["tokens"].get<std::vector<std::int32_t>>();
    ASSERT_GE(golden["cases"].size(), 5U);
    for (const auto& one : golden["cases"]) {
        const auto line = one["policy"].get<std::string>();
        PerplexityOptions options = demoOptions({line}, static_cast<int>(tokens.size()));
        options.full = false;
        options.window = one["window"];
        options.stride = one["stride"];
        const auto result = measurePerplexity(options, {}, {});
        ASSERT_TRUE(result) << line << ": " << result.error().message;
        EXPECT_EQ(result->tokens, tokens);
        const std::vector<float>& logprob = result->policies[0].logprob;
        double furthest = 0, sum = 0;
        int judged = 0;
        for (std::size_t t = 0; t < tokens.size(); ++t) {
            ASSERT_EQ(std::isnan(logprob[t]), one["loss"][t].is_null()) << line << ", token " << t;
            if (std::isnan(logprob[t]))
                continue;
            furthest = std::max(furthest, std::abs(-logprob[t] - one["loss"][t].get<double>()));
            sum -= logprob[t];
            ++judged;
        }
        EXPECT_LE(furthest, 1e-4) << line << ", window " << options.window;
        EXPECT_NEAR(std::exp(sum / judged), one["perplexity"].get<double>(), 1e-3) << line << ", window " << options.window;
    }
}

TEST(Perplexity, runsUnderABudgetWhereMemoryHoldsNoFullCacheAndSaysSoFirst)
{
    PerplexityOptions options = demoOptions({"streaming:budget=64"}, 1200);
    options.window = 1000;
    const auto told = [&](std::uint64_t memory) {
        std::stop_source stop;
        RunPlan plan{.full = false, .memory = {}};
        const RunHooks hooks{.planned =
                                 [&](const RunPlan& announced) {
                                     plan = announced;
                                     stop.request_stop();
                                 },
                             .memory = memory};
        EXPECT_FALSE(measurePerplexity(options, hooks, JobContext(stop.get_token())));
        return plan;
    };
    const RunPlan enough = told(std::uint64_t{1} << 30);
    EXPECT_TRUE(enough.full);
    EXPECT_THAT(enough.warnings, testing::IsEmpty());
    EXPECT_THAT(enough.memory, HasSubstr("2 windows, "));
    std::uint64_t least = 1 << 20, most = std::uint64_t{1} << 30; // for the full cache, too
    while (most - least > 1024)
        (told((least + most) / 2).full ? most : least) = (least + most) / 2;
    const RunPlan little = told(least);
    EXPECT_FALSE(little.full);
    EXPECT_THAT(little.warnings, testing::ElementsAre(HasSubstr("memory holds no full cache of 1000 tokens beside the rest")));

    const auto refused = measurePerplexity(options, {.planned = {}, .memory = 1 << 20}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfMemory);
    EXPECT_THAT(refused.error().message, HasSubstr("give smaller budgets"));
}

TEST(Perplexity, inOneGoIsThatOfARun)
{
    PerplexityOptions options = demoOptions({"window:budget=16"}, 60);
    const auto result = measurePerplexity(options, {}, {}).value();
    const auto run = runText({.text = options.text, .policies = options.policies}, {}, {}).value();
    for (std::size_t t = 1; t < 60; ++t) {
        EXPECT_EQ(result.policies[0].logprob[t], run->policies[0]->run.logprob[t]);
        EXPECT_EQ(result.full[t], run->logprob[t]);
    }
}

TEST(Perplexity, saysWhoseProtocolItIs)
{
    PerplexityOptions options = demoOptions({"streaming:budget=16,positions=reassign"}, 60);
    EXPECT_THAT(protocolOf(options), HasSubstr("the protocol of StreamingLLM"));
    options.policies = {parsePolicySpec("h2o:budget=16,positions=keep").value()};
    EXPECT_THAT(protocolOf(options), HasSubstr("but for the positions"));
    options.window = 4096;
    options.stride = 2048;
    EXPECT_THAT(protocolOf(options), HasSubstr("Hugging Face"));
    options.policies = {parsePolicySpec("treekv:budget=16,positions=reassign").value()};
    EXPECT_THAT(protocolOf(options), HasSubstr("TreeKV's tables 1 and 2"));
    options.stride = 0;
    EXPECT_THAT(protocolOf(options), HasSubstr("disjoint parts"));
}

TEST(Perplexity, refusesWindowsThatDoNotGo)
{
    PerplexityOptions options = demoOptions({"window:budget=64"}, 100);
    options.window = 40;
    const auto small = measurePerplexity(options, {}, {});
    ASSERT_FALSE(small);
    EXPECT_THAT(small.error().message, HasSubstr("more than the text's 40 tokens"));
    options.stride = 41;
    EXPECT_EQ(measurePerplexity(options, {}, {}).error().code, ErrorCode::Usage);
}

TEST(Perplexity, refusesWhatNeedsAPrompt)
{
    const auto result = measurePerplexity(demoOptions({"snapkv:budget=64"}, 100), {}, {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("told by winnow run --prompt N"));
}

} // namespace
} // namespace winnow
