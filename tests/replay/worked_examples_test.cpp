// SPDX-License-Identifier: GPL-3.0-or-later
// The worked examples of the specification, one by one, on the fast engine and on the plain tensor one.
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/observation_window.h"
#include "tests/replay/engines.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"
#include "tests/support/scripted_attention.h"

#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

using namespace testing_support;
using testing::ElementsAre;

class WorkedExample : public testing::TestWithParam<Engine> {
protected:
    ReplayOptions options(int prompt = 0) const { return on(GetParam(), {.prompt = prompt, .block = 3}); }
    std::shared_ptr<const PolicyReplay> run(const SyntheticTrace& trace, const std::string& line, int prompt = 0) const
    {
        return replayOne(MemoryTrace(trace), line, options(prompt));
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, WorkedExample, testing::ValuesIn(kEngines),
                         [](const auto& info) { return nameOf(info.param); });

// WE-STREAM
TEST_P(WorkedExample, streamingKeepsTwoSinksAndThreeRecent)
{
    const auto kept = run(scriptedTrace({plainRows(8)}), "streaming:budget=5,sinks=2");
    EXPECT_EQ(stored(*kept, 5), "0 1 3 4 5");
    EXPECT_EQ(stored(*kept, 6), "0 1 4 5 6");
    EXPECT_EQ(stored(*kept, 7), "0 1 5 6 7");
    // Room for two more in a cache of five is the choice of a cache of three; at a prompt's end, the port's M = 4 with a window
    // of 2.
    EXPECT_EQ(stored(*run(scriptedTrace({plainRows(7)}), "streaming:budget=3,sinks=2"), 6), "0 1 6");
    EXPECT_EQ(stored(*run(scriptedTrace({plainRows(7)}), "streaming:budget=4,sinks=2", 7), 6), "0 1 5 6");
}

// StreamingLLMPress (section 2.3)
TEST_P(WorkedExample, thePressKeepsSinksAndTheEndOfThePrompt)
{
    EXPECT_EQ(stored(*run(scriptedTrace({plainRows(10)}), "streaming:budget=5,sinks=2,positions=keep", 10), 9), "0 1 7 8 9");
}

// WE-H2O
TEST_P(WorkedExample, heavyHittersGiveUpTheSinkAndThenEachNewcomer)
{
    // Rows are given over the slots alive at that step.
    const WeightRows rows{{1}, {.2, .8}, {.1, .6, .3}, {0, .3, .5, .2}, {0, .1, 0, .6, .3}};
    const auto kept = run(scriptedTrace({rows}), "h2o:budget=2,recent=1");
    EXPECT_EQ(stored(*kept, 1), "0 1");
    EXPECT_EQ(stored(*kept, 2), "1 2");
    EXPECT_EQ(stored(*kept, 3), "1 3");
    EXPECT_EQ(stored(*kept, 4), "1 4");
    EXPECT_NEAR(kept->scoreAtEviction[0], 1.3, 1e-6);
    EXPECT_NEAR(kept->lowestKept[0], 1.4, 1e-6);     // slot 1; the .3 of the newest is protected
    EXPECT_NEAR(kept->scoreAtEviction[2], .8, 1e-6); // slot 2 with .3 + .5
}

// WE-H2O-2
TEST_P(WorkedExample, heavyHittersKeepTheFirstTokenWhenItIsLookedAt)
{
    const WeightRows rows{{1}, {.5, .5}, {.4, .2, .4}, {.1, .5, .2, .2}, {.3, 0, .3, .2, .2}, {.2, 0, 0, .5, .1, .2}};
    const auto kept = run(scriptedTrace({rows}), "h2o:budget=3,recent=2");
    EXPECT_THAT(std::vector(kept->evictStep.begin(), kept->evictStep.end()), ElementsAre(-1, 3, 4, 5, -1, -1));
    EXPECT_EQ(stored(*kept, 5), "0 4 5");
}

// WE-TOVA
TEST_P(WorkedExample, tovaAveragesAllHeadsAndMayDropTheNewest)
{
    const WeightRows quiet{{}, {}, {}}, a{quiet[0], quiet[1], quiet[2], {.1, .2, .3, .4}},
        b{quiet[0], quiet[1], quiet[2], {.3, .1, .2, .4}};
    EXPECT_EQ(stored(*run(scriptedTrace({a, b}), "tova:budget=3"), 3), "0 2 3");
    const WeightRows c{quiet[0], quiet[1], quiet[2], {.5, .2, .2, .1}}, d{quiet[0], quiet[1], quiet[2], {.3, .4, .2, .1}};
    EXPECT_EQ(stored(*run(scriptedTrace({c, d}), "tova:budget=3"), 3), "0 1 2");
    EXPECT_EQ(stored(*run(scriptedTrace({c, d}), "tova:budget=3,recent=1"), 3), "0 1 3");
    // TOVAPress (section 2.3), the first pair at ratio .5
    EXPECT_EQ(stored(*run(scriptedTrace({a, b}), "tova:budget=2,recent=1", 4), 3), "2 3");
}

// WE-LACACHE
TEST_P(WorkedExample, theLadderThinsNeighboringLayersOutByTurns)
{
    const auto kept = run(scriptedTrace({plainRows(17)}, 4), "lacache:budget=12,sinks=4,span=2,positions=keep");
    EXPECT_EQ(stored(*kept, 12, 0), "0 1 2 3 4 6 7 8 9 10 11 12");
    EXPECT_EQ(stored(*kept, 12, 1), "0 1 2 3 5 6 7 8 9 10 11 12");
    EXPECT_EQ(stored(*kept, 13, 0), "0 1 2 3 4 6 8 9 10 11 12 13");
    EXPECT_EQ(stored(*kept, 13, 1), "0 1 2 3 5 7 8 9 10 11 12 13");
    EXPECT_EQ(stored(*kept, 15, 2), "0 1 2 3 4 6 8 10 12 13 14 15");
    EXPECT_EQ(stored(*kept, 15, 3), "0 1 2 3 5 7 9 11 12 13 14 15");
    EXPECT_EQ(stored(*kept, 16, 0), "0 1 2 3 4 8 10 12 13 14 15 16"); // started over
    EXPECT_EQ(stored(*kept, 16, 1), "0 1 2 3 7 9 11 12 13 14 15 16");
}

SyntheticTrace snapTrace()
{
    WeightRows rows(8);
    rows[6] = {.10, .05, .30, .06, .05, .20, .24};
    rows[7] = {.10, .05, .20, .06, .15, .15, .09, .20};
    return scriptedTrace({rows});
}

// WE-SNAP
TEST_P(WorkedExample, snapPoolsTheVotesOfTheLastQueries)
{
    // Without pooling; the third place is a tie of tokens 0 and 4, .20 each, which single precision would break by chance.
    EXPECT_EQ(stored(*run(snapTrace(), "snapkv:budget=4,window=2,kernel=1", 8), 7), "2 5 6 7");
    EXPECT_EQ(stored(*run(snapTrace(), "snapkv:budget=5,window=2,kernel=3,pool=avg", 8), 7), "1 2 3 6 7");
    EXPECT_EQ(stored(*run(snapTrace(), "snapkv:budget=5,window=2,kernel=3,pool=max", 8), 7), "1 2 3 6 7");
}

// WE-SNAP, and the means of SnapKVPress (section 2.3)
TEST(SnapKv, poolsWithTorchsEdgeRules)
{
    const auto sums = at::tensor({.20, .10, .50, .12, .20, .35}, at::kDouble).unsqueeze(0);
    const auto average = poolScores(sums, 3, Pooling::Average), most = poolScores(sums, 3, Pooling::Max);
    const std::vector<double> expected{.1, .2667, .24, .2733, .2233, .1833};
    for (std::int64_t i = 0; i < 6; ++i)
        EXPECT_NEAR(average[0][i].item<double>(), expected[static_cast<std::size_t>(i)], 5e-5) << i;
    EXPECT_TRUE(at::equal(most[0], at::tensor({.2, .5, .5, .5, .35, .35}, at::kDouble)));
    const std::vector<double> ofMeans{.05, .1333, .12, .1367, .1117, .0917};
    const auto means = poolScores(sums / 2, 3, Pooling::Average);
    for (std::int64_t i = 0; i < 6; ++i)
        EXPECT_NEAR(means[0][i].item<double>(), ofMeans[static_cast<std::size_t>(i)], 6e-5) << i;
}

std::vector<int> pyramid(PyramidFormula formula, int layers, int window, int slots, int tokens)
{
    auto budgets = pyramidBudget(formula, 20)->slots({.slots = slots, .modelLayers = layers, .tokens = tokens, .window = window});
    for (int& budget : budgets)
        budget -= window; // the examples count what is kept beside the window
    return budgets;
}

// WE-PYR-1
TEST(PyramidKv, budgetsFallFromLayerToLayer)
{
    EXPECT_THAT(pyramid(PyramidFormula::Code, 4, 8, 28, 1000), ElementsAre(39, 27, 15, 3));
    EXPECT_THAT(pyramid(PyramidFormula::Paper, 4, 8, 28, 1000), ElementsAre(39, 26, 14, 1)); // 39, 26.333, 13.667, 1
}

// WE-PYR-2
TEST(PyramidKv, shortPromptsFlattenThePyramid)
{
    EXPECT_THAT(pyramid(PyramidFormula::Code, 4, 8, 28, 45), ElementsAre(37, 26, 15, 4));
    EXPECT_THAT(pyramid(PyramidFormula::Code, 4, 8, 28, 39), ElementsAre(20, 20, 20, 20));
    EXPECT_THAT(pyramid(PyramidFormula::Code, 4, 8, 28, 27), ElementsAre(20, 20, 20, 20)); // 28 slots hold all 27 tokens
}

// WE-PYR-3
TEST(PyramidKv, theReferenceCodeOvershoots)
{
    const auto budgets = pyramid(PyramidFormula::Code, 32, 8, 128, 8192);
    EXPECT_EQ(budgets[0], 234);
    EXPECT_EQ(budgets[1], 227);
    EXPECT_EQ(budgets[31], 17);
    EXPECT_EQ(std::accumulate(budgets.begin(), budgets.end(), 0), 4016); // asked for: 3840
    const auto paper = pyramid(PyramidFormula::Paper, 32, 8, 128, 8192);
    EXPECT_EQ(std::accumulate(paper.begin(), paper.end(), 0), 3840);
}

// PyramidKVPress (section 2.3): the window lies inside
TEST(PyramidKv, thePressBeginsAtTheShareKept)
{
    const auto press = [](int window, int slots, int tokens) {
        return pyramidBudget(PyramidFormula::Press, 20)
            ->slots({.slots = slots, .modelLayers = 4, .tokens = tokens, .window = window});
    };
    EXPECT_THAT(press(8, 250, 1000), ElementsAre(488, 329, 171, 12));
    EXPECT_THAT(press(64, 250, 1000), testing::Each(250)); // the line does not fit
    EXPECT_THAT(press(64, 500, 1000), ElementsAre(936, 645, 355, 64));
    EXPECT_THAT(press(8, 50, 100), ElementsAre(92, 64, 36, 8));
}

// Section 0.4, 10: the window's queries count where they saw the token
TEST_P(WorkedExample, treeBlocksCountTheQueriesThatSawAToken)
{
    const WeightRows rows{{1}, {.1, .9}, {.1, .7, .2}, {.3, .2, .25, .25}, {.6, .1, .1, .1, .1}};
    for (const char* line : {"treekv:budget=4,sinks=0,recent=0,block=0", "treekv:budget=4,sinks=0,recent=0,block=4"})
        EXPECT_EQ(stored(*run(scriptedTrace({rows}), line, 4), 4), "1 2 3 4") << line;
}

// Section 0.4, 10: recent tokens may not leave at the prompt's end either
TEST_P(WorkedExample, treeBlocksProtectRecentTokens)
{
    EXPECT_EQ(stored(*run(scriptedTrace({plainRows(12)}), "treekv:budget=8,sinks=1,recent=5,block=2,positions=keep", 12), 11),
              "0 5 6 7 8 9 10 11");
}

// Section 0.4, 4
TEST_P(WorkedExample, cakePoolsInTheOrderOfTheTextOrOfTheScores)
{
    // numpy: tril(default_rng(2).integers(1, 9, (11, 11)))
    const WeightRows rows{{7},
                          {6, 8},
                          {3, 2, 6},
                          {8, 7, 6, 4},
                          {6, 8, 8, 7, 8},
                          {6, 6, 1, 4, 1, 8},
                          {4, 7, 5, 6, 4, 4, 5},
                          {7, 2, 4, 4, 8, 4, 5, 1},
                          {1, 6, 6, 3, 7, 5, 1, 2, 3},
                          {1, 5, 6, 5, 4, 3, 8, 3, 7, 4},
                          {6, 8, 7, 5, 1, 7, 7, 4, 3, 2, 8}};
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "cake:budget=6,window=2,order=score", 9), 9), "0 1 2 3 8 9");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "cake:budget=6,window=2", 9), 9), "1 2 3 7 8 9");
}

// Section 0.4, 5
TEST_P(WorkedExample, rkvPoolsInTheOrderOfTheTextOrOfTheScores)
{
    // numpy: tril(default_rng(6).integers(1, 9, (11, 11)))
    const WeightRows rows{{4},
                          {6, 4},
                          {8, 7, 7},
                          {1, 3, 2, 5},
                          {7, 2, 5, 4, 7},
                          {7, 2, 2, 8, 4, 1},
                          {7, 8, 3, 4, 6, 5, 5},
                          {8, 4, 3, 7, 3, 4, 8, 4},
                          {7, 7, 7, 8, 3, 1, 6, 2, 6},
                          {4, 5, 1, 8, 6, 1, 7, 7, 8, 4},
                          {4, 3, 8, 7, 4, 1, 2, 3, 6, 4, 2}};
    const std::string line = "rkv:budget=5,window=1,kernel=3,mix=1,every=1";
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), line, 8), 8), "0 1 5 6 8");
    // The code holds 7 instead of 6: all four old slots tie at the prompt's end, torch lays them down as 1 6 5 0, and then all
    // five tie. Here equal ones lie in the order of the text, so that 6 stays. Without ties:
    // tests/replay/authors_fixtures_test.cpp.
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), line + ",order=score", 8), 8), "0 1 5 6 8");
}

TEST_P(WorkedExample, theWindowVotesOnWhatLiesBeforeIt)
{
    // Tokens 0, 1, 2 lie before the window. Its queries' shares among them: .5 .3 .2 and .1 .35 .55; sums .6 .65 .75, largest .5
    // .35 .55. Without taking shares token 1 would be the lowest sum: .46 .45 .49.
    const WeightRows rows{{1}, {.5, .5}, {.3, .3, .4}, {.4, .24, .16, .2}, {.06, .21, .33, .2, .2}};
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "morphkv:budget=4,window=2"), 4), "1 2 3 4");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "morphkv:budget=4,window=2,fusion=max"), 4), "0 2 3 4");
}

TEST_P(WorkedExample, aHighTemperatureFlattensTheRowsThatAreAddedUp)
{
    // Tokens 1 and 2 received .25 + .01 and .27. At the temperature 2 shares are as their roots: .366 + .068 and .354.
    const WeightRows rows{{1}, {.75, .25}, {.72, .01, .27}};
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "keyformer:budget=2,recent=0,noise=none,rise=0"), 2), "0 2");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "keyformer:budget=2,recent=0,noise=none,rise=0,tau=2"), 2), "0 1");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "keyformer:budget=2,recent=0,noise=none,rise=0.5"), 2), "0 1"); // at step 2
}

// SimLayerKVPress (section 2.3)
TEST_P(WorkedExample, lazyLayersKeepTheirEndsOnly)
{
    WeightRows rows(6);
    rows[5] = {.5, .05, .05, .1, .2, .1}; // .5 on the first of five keys, .3 on the last two
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "simlayerkv:budget=2,sinks=1,threshold=0.79", 6), 5), "0 5");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "simlayerkv:budget=2,sinks=1,threshold=0.81", 6), 5), "0 1 2 3 4 5");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "simlayerkv:budget=2,sinks=0,threshold=0.6", 6), 5), "0 1 2 3 4 5");
    EXPECT_EQ(stored(*run(scriptedTrace({rows}), "simlayerkv:budget=2,sinks=0,threshold=0.1", 6), 5), "4 5");
}

// WE-TREE-1
TEST_P(WorkedExample, treeByPositionAloneWalksAsInFigureThree)
{
    const auto kept = run(scriptedTrace({plainRows(17)}), "treekv:budget=4,sinks=0,recent=0,keep=left");
    const std::vector<std::string> expected{"1 3 4 5",   "1 3 5 6",   "1 3 5 7",   "1 3 5 7",   "1 5 7 9",
                                            "1 5 9 10",  "1 5 9 11",  "1 5 9 11",  "1 9 11 13", "1 9 13 14",
                                            "1 9 13 15", "1 9 13 15", "1 13 15 17"};
    for (int step = 5; step <= 17; ++step)
        EXPECT_EQ(storedFromOne(*kept, step), expected[static_cast<std::size_t>(step - 5)]) << "step " << step;
}

// WE-TREE-1, the literal line 16
TEST_P(WorkedExample, theLiteralCursorMakesARaggedTree)
{
    const auto kept = run(scriptedTrace({plainRows(17)}), "treekv:budget=4,sinks=0,recent=0,keep=left,next=literal");
    EXPECT_EQ(storedFromOne(*kept, 5), "1 3 4 5");
    EXPECT_EQ(storedFromOne(*kept, 6), "1 3 4 6");
    EXPECT_EQ(storedFromOne(*kept, 7), "1 4 6 7");
    EXPECT_EQ(storedFromOne(*kept, 8), "1 4 6 8");
    EXPECT_EQ(storedFromOne(*kept, 16), "1 12 14 16");
    EXPECT_EQ(storedFromOne(*kept, 17), "1 14 16 17");
}

/// How many tokens each slot stands for: those from its own up to the next slot's.
std::vector<int> coverage(const PolicyReplay& policy, int step)
{
    std::vector<int> kept, covers;
    for (int token = 0; token < step; ++token)
        if (policy.keeps(0, 0, token, step - 1))
            kept.push_back(token);
    for (std::size_t i = 0; i < kept.size(); ++i)
        covers.push_back((i + 1 < kept.size() ? kept[i + 1] : step) - kept[i]);
    return covers;
}

// WE-TREE-2
TEST_P(WorkedExample, wholePassesMakeADyadicTree)
{
    const auto eight = run(scriptedTrace({plainRows(160)}), "treekv:budget=8,sinks=0,recent=0,keep=left");
    EXPECT_THAT(coverage(*eight, 160), ElementsAre(136, 8, 4, 4, 2, 2, 2, 2));
    const auto sixteen = run(scriptedTrace({plainRows(320)}), "treekv:budget=16,sinks=0,recent=0,keep=left");
    EXPECT_THAT(coverage(*sixteen, 320), ElementsAre(256, 16, 8, 8, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2));
    EXPECT_EQ(storedFromOne(*sixteen, 320), "1 257 273 281 289 293 297 301 305 307 309 311 313 315 317 319");
    const auto literal = run(scriptedTrace({plainRows(160)}), "treekv:budget=8,sinks=0,recent=0,keep=left,next=literal");
    EXPECT_THAT(coverage(*literal, 160), ElementsAre(144, 4, 4, 1, 3, 1, 2, 1));
    const auto ragged = run(scriptedTrace({plainRows(320)}), "treekv:budget=16,sinks=0,recent=0,keep=left,next=literal");
    EXPECT_THAT(coverage(*ragged, 320), ElementsAre(274, 8, 8, 3, 5, 3, 4, 1, 3, 2, 2, 1, 2, 1, 2, 1));
}

// WE-TREE-3
TEST_P(WorkedExample, theTreeEvictsTheLessAttendedNeighbor)
{
    const WeightRows rows{
        {1}, {.6, .4}, {.5, .2, .3}, {.1, .4, .3, .2}, {.2, 0, .3, .1, .4}, {.4, 0, .1, 0, .3, .2}, {.25, 0, .25, 0, .2, 0, .3}};
    const auto kept = run(scriptedTrace({rows}), "treekv:budget=3,sinks=0,recent=0");
    EXPECT_EQ(storedFromOne(*kept, 4), "1 3 4");
    EXPECT_EQ(storedFromOne(*kept, 5), "1 3 5");
    EXPECT_EQ(storedFromOne(*kept, 6), "1 3 5");
    EXPECT_EQ(storedFromOne(*kept, 7), "1 5 7");
    EXPECT_NEAR(kept->scoreAtEviction[1], .3333, 1e-4);
    EXPECT_NEAR(kept->scoreAtEviction[3], .15, 1e-6);
    EXPECT_NEAR(kept->scoreAtEviction[5], .2, 1e-6);
    EXPECT_NEAR(kept->scoreAtEviction[2], .25, 1e-6);
}

// WE-TREE-3, its tie
TEST_P(WorkedExample, inATreeATieEvictsTheOlder)
{
    // Mean weights of the second and third token are equal at step 4: (.25 + .25 + .25) / 3 and (.25 + .25) / 2.
    const WeightRows rows{{1}, {.75, .25}, {.5, .25, .25}, {.25, .25, .25, .25}};
    const auto kept = run(scriptedTrace({rows}), "treekv:budget=3,sinks=1,recent=1");
    EXPECT_EQ(storedFromOne(*kept, 4), "1 3 4");
}

// WE-TREE-4
TEST_P(WorkedExample, theTreeLiesBetweenSinksAndRecent)
{
    const auto kept = run(scriptedTrace({plainRows(10)}), "treekv:budget=5,sinks=1,recent=2,keep=left");
    EXPECT_EQ(storedFromOne(*kept, 6), "1 2 4 5 6");
    EXPECT_EQ(storedFromOne(*kept, 7), "1 2 4 6 7");
    EXPECT_EQ(storedFromOne(*kept, 8), "1 2 6 7 8");
    EXPECT_EQ(storedFromOne(*kept, 9), "1 2 6 8 9");
    EXPECT_EQ(storedFromOne(*kept, 10), "1 2 8 9 10");
}

} // namespace
} // namespace winnow
