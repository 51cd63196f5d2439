// SPDX-License-Identifier: GPL-3.0-or-later
// Lifetimes from a file, and policies that one another follow.
#include "core/io/npz.h"
#include "core/policy/recipe.h"
#include "tests/replay/engines.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kLayers = 2, kKeyHeads = 2, kTokens = 40, kPrompt = 24;

class Given : public testing::TestWithParam<Engine> {
protected:
    ReplayOptions options(int prompt = kPrompt) const { return on(GetParam(), {.prompt = prompt}); }
    std::string line() const { return "given:file=" + m_path.string(); }
    void write(const std::string& name, const std::vector<std::int32_t>& values, std::vector<std::size_t> shape)
    {
        NpzWriter npz(m_path);
        npz.add(name, values, std::move(shape));
        ASSERT_TRUE(npz.finish());
    }
    std::string refusal(int prompt = kPrompt) const
    {
        const auto spec = parsePolicySpec(line());
        const auto result = replay(m_trace, std::span(&*spec, 1), options(prompt), {});
        return result ? "" : result.error().message;
    }

    TemporaryFolder m_folder;
    std::filesystem::path m_path = m_folder.path() / "mine.npz";
    MemoryTrace m_trace{
        makeSynthetic({.layers = kLayers, .queryHeads = 4, .keyHeads = kKeyHeads, .headDim = 8, .tokens = kTokens})};
};
INSTANTIATE_TEST_SUITE_P(Engines, Given, testing::ValuesIn(kEngines), [](const auto& info) { return nameOf(info.param); });

TEST_P(Given, anotherPolicysLifetimesGiveItsNumbers)
{
    for (const char* policy : {"h2o:budget=8", "snapkv:budget=12,window=4", "streaming:budget=8,positions=keep"}) {
        const auto theirs = replayOne(m_trace, policy, on(Engine::Cpu, {.prompt = kPrompt})); // which walks given ones too
        write("evict_step", {theirs->evictStep.begin(), theirs->evictStep.end()},
              {kLayers, static_cast<std::size_t>(theirs->lanes), static_cast<std::size_t>(kTokens)});
        const auto given = replayOne(m_trace, line(), options());
        ASSERT_TRUE(given);
        EXPECT_EQ(given->lanes, theirs->lanes);
        EXPECT_EQ(given->evictStep, theirs->evictStep);
        EXPECT_EQ(given->mass, theirs->mass);
        EXPECT_EQ(given->error, theirs->error);
        EXPECT_EQ(given->occupancy, theirs->occupancy);
        EXPECT_EQ(given->choosesFrom, theirs->choosesFrom);
    }
}

TEST_P(Given, whatStaysAtThePromptsEndIsAskedForByLayer)
{
    NpzWriter npz(m_path);
    npz.add("kept.0", std::vector<std::int64_t>{0, 5, 7, 1, 2, 3}, {2, 3});
    npz.add("kept.1", std::vector<std::int64_t>{23, 0, 0, 23}, {2, 2});
    ASSERT_TRUE(npz.finish());
    const auto given = replayOne(m_trace, line(), options());
    ASSERT_TRUE(given);
    EXPECT_EQ(stored(*given, kPrompt - 1, 0, 0), "0 5 7");
    EXPECT_EQ(stored(*given, kPrompt - 1, 0, 1), "1 2 3");
    EXPECT_EQ(stored(*given, kPrompt, 1, 0), "0 23 24");
}

TEST_P(Given, refusesWhatContradictsItselfByItsPlace)
{
    std::vector<std::int32_t> steps(kLayers * kKeyHeads * kTokens, -1);
    const std::vector<std::size_t> shape{kLayers, kKeyHeads, kTokens};
    steps[kTokens + 9] = 8;
    write("evict_step", steps, shape);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("mine.npz"), HasSubstr("evict_step[0, 1, 9] is 8"), HasSubstr("before step 9")));
    steps[kTokens + 9] = kTokens;
    write("evict_step", steps, shape);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("evict_step[0, 1, 9] is 40"), HasSubstr("from 0 to 39")));
    write("evict_step", std::vector<std::int32_t>(kLayers * 3 * kTokens, -1), {kLayers, 3, kTokens});
    EXPECT_THAT(refusal(), AllOf(HasSubstr("[2, 3, 40]"), HasSubstr("2 KV heads or 4 query heads")));
    for (const std::vector<std::size_t>& heads : {std::vector<std::size_t>{3, 2}, {6}, {1, 3, 2}}) {
        write("kept.0", {0, 1, 2, 3, 4, 5}, heads);
        EXPECT_THAT(refusal(), AllOf(HasSubstr("kept.0 has the shape ["), HasSubstr("expected [heads, kept] with 2 KV heads")));
    }
    {
        NpzWriter npz(m_path);
        npz.add("kept.0", std::vector<std::int32_t>{0, 1}, {2, 1});
        npz.add("kept.1", std::vector<std::int32_t>{0, 1, 2, 3}, {4, 1});
        ASSERT_TRUE(npz.finish());
    }
    EXPECT_THAT(refusal(), AllOf(HasSubstr("kept.1 has the shape [4, 1]"), HasSubstr("alike in all layers")));
    write("kept.0", {0, 1, 24, 3}, {2, 2});
    EXPECT_THAT(refusal(), AllOf(HasSubstr("kept.0[1, 0] is token 24"), HasSubstr("prompt's 24")));
    write("kept.0", {0, 1, 3, 3}, {2, 2});
    EXPECT_THAT(refusal(), HasSubstr("kept.0[1, 1] names token 3 a second time"));
    EXPECT_THAT(refusal(0), HasSubstr("--prompt"));
    write("mass", {0}, {1});
    EXPECT_THAT(refusal(), HasSubstr("holds no lifetimes"));
}

TEST_P(Given, aPolicyThatAnotherFollowsHoldsOneBudget)
{
    const std::string snap = "snapkv:budget=12,window=4,granularity=kv";
    const auto once = replayOne(m_trace, snap, options()), both = replayOne(m_trace, snap + ",then=h2o{recent=3}", options()),
               alone = replayOne(m_trace, "h2o:budget=12,recent=3", options());
    ASSERT_TRUE(both);
    EXPECT_THAT(both->spec.canonical(), HasSubstr("then=h2o{recent=3}"));
    EXPECT_EQ(stored(*both, kPrompt - 1), stored(*once, kPrompt - 1)); // the prompt's end is SnapKV's
    EXPECT_NE(stored(*both, kPrompt - 1), stored(*alone, kPrompt - 1));
    for (int layer = 0; layer < kLayers; ++layer)
        for (int lane = 0; lane < kKeyHeads; ++lane)
            for (int step = kPrompt - 1; step < kTokens; ++step)
                EXPECT_EQ(both->occupancy[both->index(layer, lane, step)], 12);
    EXPECT_GT(meanStored(*once, kPrompt, kTokens), 12);
    EXPECT_EQ(meanStored(*both, kPrompt, kTokens), 12);
}

TEST_P(Given, whoFollowsKeepsTheBudgetsOfThePromptsEnd)
{
    const auto pyramid = replayOne(m_trace, "pyramidkv:budget=12,window=4,then=tova", options());
    ASSERT_TRUE(pyramid);
    for (int layer = 0; layer < kLayers; ++layer)
        EXPECT_EQ(pyramid->occupancy[pyramid->index(layer, 0, kTokens - 1)], pyramid->budgets[static_cast<std::size_t>(layer)]);
}

TEST(Then, defaultsFollowTheBudgetAndWordsAreChecked)
{
    const auto spec = *parsePolicySpec("snapkv:budget=64,window=8,then=h2o");
    EXPECT_EQ(spec.value("then"), "h2o"); // its defaults wait for the budget, which may be a share of the text
    EXPECT_THAT(resolved(spec, 100).canonical(), HasSubstr("then=h2o{recent=32}"));
    EXPECT_THAT(resolved(*spec.with("budget", "40"), 100).canonical(), HasSubstr("then=h2o{recent=20}"));
    const auto refusal = [](const char* line) {
        const auto parsed = parsePolicySpec(line);
        if (!parsed)
            return parsed.error().message;
        const auto checked = checkSpec(*parsed, 100, 50);
        return checked ? std::string() : checked.error().message;
    };
    EXPECT_THAT(refusal("snapkv:then=h2p"), HasSubstr("did you mean then=h2o"));
    EXPECT_THAT(refusal("snapkv:then=h2o{budget=3}"), AllOf(HasSubstr("then=h2o"), HasSubstr("no key 'budget'")));
    EXPECT_THAT(refusal("snapkv:budget=16,window=8,then=h2o{recent=17}"),
                AllOf(HasSubstr("budget of 16"), HasSubstr("recent=17"), HasSubstr("17 or more")));
    EXPECT_THAT(refusal("snapkv:budget=40,then=treekv{block=4}"), HasSubstr("first policy's"));
    EXPECT_EQ(refusal("snapkv:budget=40,then=treekv"), "");
}

/// One lane of five tokens of which two leave, at one step each.
TEST(Choices, areTiedWhereTheOrderOfEqualScoresDecided)
{
    const float none = std::numeric_limits<float>::quiet_NaN();
    PolicyReplay policy{.layers = 1, .lanes = 1, .tokens = 5};
    policy.evictStep = {-1, 3, 4, 2, -1}; // token 3 by a sliding window, without a score
    policy.scoreAtEviction = {none, .5F, .25F, none, none};
    policy.lowestKept = {none, .5F, .5F, none, none};
    EXPECT_EQ(countChoices(policy).made, 2);
    EXPECT_EQ(countChoices(policy).tied, 1);
    policy.scoreAtEviction = {};
    EXPECT_EQ(countChoices(policy).made, 0); // a policy without scores
}

} // namespace
} // namespace winnow
