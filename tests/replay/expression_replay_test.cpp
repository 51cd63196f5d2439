// SPDX-License-Identifier: GPL-3.0-or-later
// Policies of the catalog written as expressions: the same lifetimes, to the last token.
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;

struct Pair {
    const char *builtIn, *written;
};
const Pair kPairs[] = {
    {"h2o:budget=20", "expr:budget=20,score=sum,recent=10"},
    {"h2o:budget=20,recent=3,granularity=query,group=max", "expr:budget=20,score=sum,recent=3,granularity=query,group=max"},
    {"tova:budget=20", "expr:budget=20,score=last,recent=0,granularity=layer"},
    {"window:budget=20", "expr:budget=20,score=position,recent=0"},
    {"window:budget=20", "expr:budget=20,score=-age,recent=0"},
    {"streaming:budget=20,sinks=3,positions=keep", "expr:budget=20,score=position,sinks=3,recent=0"},
    {"mix:budget=20,score=mean,select=tree,sinks=2", "expr:budget=20,score=mean,select=tree,sinks=2"},
    {"mix:budget=20,score=knorm,budgets=pyramid", "expr:budget=20,score=-key_norm,budgets=pyramid"},
};

class WrittenAsAnExpression : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Prompts, WrittenAsAnExpression, testing::Values(0, 1, 60, 90));

TEST_P(WrittenAsAnExpression, policiesOfTheCatalogLetTheSameTokensGo)
{
    SyntheticOptions shape{.layers = 3, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 90, .sharpness = 2, .seed = 5};
    const MemoryTrace plain(makeSynthetic(shape));
    shape.window = 30;
    const MemoryTrace sliding(makeSynthetic(shape));
    for (const MemoryTrace* trace : {&plain, &sliding})
        for (const auto& [builtIn, written] : kPairs) {
            const ReplayOptions options{.prompt = GetParam(), .device = "cpu", .oracle = false};
            const auto a = replayOne(*trace, builtIn, options), b = replayOne(*trace, written, options);
            ASSERT_TRUE(a && b) << written;
            EXPECT_EQ(a->evictStep, b->evictStep) << written;
            EXPECT_EQ(a->mass, b->mass) << written;
        }
}

/// Scores that are no numbers rank lowest: here everything but token 0, and of equals the newer goes.
TEST(ExpressionReplay, lettingNoNumbersGoFirstIsNoCrash)
{
    const MemoryTrace trace(makeSynthetic({.layers = 1, .tokens = 12, .seed = 6}));
    const auto kept = replayOne(trace, "expr:budget=4,score=sqrt(-position),recent=1", {.device = "cpu"});
    ASSERT_TRUE(kept);
    std::vector<int> stays;
    for (int token = 0; token < kept->tokens; ++token)
        if (kept->evictStep[kept->index(0, 0, token)] < 0)
            stays.push_back(token);
    EXPECT_THAT(stays, testing::ElementsAre(0, 1, 2, 11));
    for (const char* score : {"0/0", "1/0", "-1/0", "1e308*10^300", "left(0/0)"})
        EXPECT_TRUE(replayOne(trace, fmt::format("expr:budget=4,score={}", score), {.device = "cpu"})) << score;
}

} // namespace
} // namespace winnow
