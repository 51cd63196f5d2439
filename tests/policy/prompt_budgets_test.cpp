// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that are shared out at the end of the prompt, on the worked examples of the specification.
#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/budget/cascading_budget.h"
#include "core/policy/parts/budget/dynamic_budget.h"
#include "core/policy/parts/budget/head_budget.h"
#include "core/policy/parts/budget/whole_or_short.h"
#include "core/policy/presets/ladder.h"
#include "core/policy/presets/prompt/snapkv.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace winnow {
namespace {

using testing::ElementsAre;

PromptScores twoHeads(std::vector<double> first, const std::vector<double>& second)
{
    const int tokens = static_cast<int>(first.size());
    first.insert(first.end(), second.begin(), second.end());
    return {.units = 2, .tokens = tokens, .begin = 0, .end = tokens, .scores = std::move(first)};
}

// WE-ADA
TEST(AdaptiveBudget, scatteredHeadsGetMore)
{
    const auto scores = twoHeads({.50, .20, .10, .08, .07, .05}, {.20, .18, .17, .16, .15, .14});
    EXPECT_THAT(adaptiveSlots({.floor = .2}, scores, 3, 0), ElementsAre(2, 3)); // 5, not 6: the floor is cut to whole slots
    EXPECT_THAT(adaptiveSlots({.floor = .2, .normalize = true}, scores, 3, 0), ElementsAre(2, 3));
}

// WE-ADA, with B = 10
TEST(AdaptiveBudget, theFloorPullsTowardTheMean)
{
    // 20 strong scores, 17 of them in the second head.
    std::vector<double> first(30, .01), second(30, .01);
    std::fill_n(first.begin(), 3, 1);
    std::fill_n(second.begin(), 17, 1);
    EXPECT_THAT(adaptiveSlots({.floor = .2}, twoHeads(first, second), 10, 0), ElementsAre(4, 16));
}

// AdaKVPress (section 2.3)
TEST(AdaptiveBudget, asInThePressKeepsItsTotalAndEachHeadsBest)
{
    using Form = AdaptiveBudget::Form;
    const std::vector<double> even{.20, .18, .17, .16, .15, .14};
    EXPECT_THAT(adaptiveSlots({.form = Form::Safeguard, .floor = 0}, twoHeads({.50, .20, .10, .08, .07, .05}, even), 3, 0),
                ElementsAre(2, 4));
    const std::vector<double> lonely{.5, .01, .02, .03, .04, .05};
    EXPECT_THAT(adaptiveSlots({.form = Form::Safeguard, .floor = .2}, twoHeads(lonely, even), 3, 0), ElementsAre(1, 5));
    EXPECT_THAT(adaptiveSlots({.form = Form::Safeguard, .floor = .7}, twoHeads(lonely, even), 3, 0), ElementsAre(2, 4));
}

TEST(AdaptiveBudget, aBudgetThatHoldsAllIsNotShared)
{
    EXPECT_THAT(adaptiveSlots({}, twoHeads({.5, .2}, {.3, .1}), 2, 0), ElementsAre(2, 2));
}

// WE-DYN-1, WE-DYN-2, WE-DYN-3
TEST(DynamicBudget, layersGetTheirShareOfTheVotes)
{
    const int votes = 30 * 4 * 4;
    EXPECT_THAT(dynamicSlots({200, 140, 100, 40}, votes, 200, 30, 4, true, true), ElementsAre(50, 35, 24, 11));
    EXPECT_THAT(dynamicSlots({200, 140, 100, 40}, votes, 200, 30, 8, false, true), ElementsAre(100, 70, 49, 21));
    EXPECT_THAT(dynamicSlots({199, 141, 103, 37}, votes, 200, 30, 4, true, true), ElementsAre(49, 35, 24, 12));
}

// Section 0.4, 2: shares in single precision, quotients by Python's floor
TEST(DynamicBudget, roundsAsTheReferenceDoes)
{
    EXPECT_THAT(dynamicSlots({3, 2, 47, 8}, 60, 60, 15, 4, true, true), ElementsAre(0, 0, 44, 16)); // in double: 0 0 43 17
    // Python's 3 // (9 / 312) is 103, where the quotient itself rounds to 104.
    EXPECT_THAT(dynamicSlots({124, 64, 192, 208}, 1, 11, 39, 8, false, true), ElementsAre(69, 34, 103, 106));
}

// Section 0.4, 1
TEST(DynamicBudget, aPromptThatFitsStaysWhole)
{
    const PromptScores layer{.units = 1, .tokens = 40, .begin = 0, .end = 24, .scores = std::vector<double>(40, .5)};
    const std::vector<PromptScores> layers(6, layer);
    for (const bool all : {false, true})
        for (const bool last : {false, true})
            for (const bool trim : {false, true})
                EXPECT_THAT(dynamicBudget({.allVote = all, .residueLast = last, .trimRest = trim})
                                ->divide(layers, {.slots = 128, .modelLayers = 6, .tokens = 40, .window = 16})
                                .slots,
                            testing::Each(40));
}

TEST(DynamicBudget, sharesEvenlyWhereNothingTellsLayersApart)
{
    EXPECT_THAT(dynamicSlots({1, 1, 0}, 4, 5, 2, 6, false, true), ElementsAre(4, 4, 4)); // less than a vote a layer seen
    EXPECT_THAT(dynamicSlots({2, 2}, 4, 1, 3, 2, true, true), ElementsAre(3, 3));        // a cap that leaves no whole slot
}

/// Revision by revision: every candidate that may vote, the strongest first, the votes counted by layer.
std::vector<int> plainDivision(const DynamicBudget& options, const std::vector<PromptScores>& layers,
                               const BudgetQuestion& question)
{
    std::vector<int> stored;
    std::vector<std::vector<double>> units; // of all layers, in order
    std::vector<std::size_t> layerOf;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const PromptScores& layer = layers[l];
        const int average = question.slots - (layer.tokens - layer.candidates());
        stored.push_back(std::min(static_cast<int>(options.ratio * average), layer.candidates()));
        double sum = 0;
        for (int unit = 0; unit < layer.units; ++unit)
            for (const double score : layer.of(unit))
                sum += score;
        for (int unit = 0; unit < layer.units; ++unit) {
            units.emplace_back(layer.of(unit).begin(), layer.of(unit).end());
            for (double& score : units.back())
                score /= options.normalizeScores ? sum : 1;
            layerOf.push_back(l);
        }
        if ((l + 1) % static_cast<std::size_t>(options.every) != 0 && !(options.trimRest && l + 1 == layers.size()))
            continue;
        std::vector<std::pair<double, std::size_t>> votes;
        for (std::size_t u = 0; u < units.size(); ++u) {
            std::vector<double> ranked = units[u];
            std::sort(ranked.rbegin(), ranked.rend());
            for (std::size_t i = 0; i < ranked.size(); ++i)
                if (options.allVote || static_cast<int>(i) < stored[layerOf[u]])
                    votes.emplace_back(ranked[i], layerOf[u]);
        }
        std::sort(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        const int most = average * layer.units * static_cast<int>(l + 1);
        std::vector<int> won(l + 1, 0);
        for (std::size_t i = 0; i < votes.size() && static_cast<int>(i) < most; ++i)
            ++won[votes[i].second];
        const auto revised = dynamicSlots(won, most, stored.back(), average, static_cast<int>(layers.size()),
                                          l + 1 == layers.size(), options.residueLast);
        for (std::size_t j = 0; j <= l; ++j)
            stored[j] = std::min(stored[j], revised[j]);
    }
    std::vector<int> slots;
    for (std::size_t l = 0; l < layers.size(); ++l)
        slots.insert(slots.end(), static_cast<std::size_t>(layers[l].units),
                     layers[l].tokens - layers[l].candidates() + stored[l]);
    return slots;
}

TEST(DynamicBudget, dividesAsTheVotesFall)
{
    std::mt19937 random(21);
    int differing = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<PromptScores> layers;
        const int tokens = 30 + static_cast<int>(random() % 20), window = 4;
        for (int l = 0; l < 5; ++l) {
            PromptScores layer{.units = 2, .tokens = tokens, .begin = 0, .end = tokens - window};
            for (int i = 0; i < 2 * tokens; ++i)
                layer.scores.push_back(std::pow(static_cast<double>(random() % 100000 + 1) / 100000, 1 + (l * 7 + round) % 5));
            layers.push_back(std::move(layer));
        }
        const BudgetQuestion question{.slots = 12, .modelLayers = 5, .tokens = tokens, .window = window};
        const DynamicBudget options{.ratio = 1.0 + static_cast<double>(random() % 3),
                                    .every = 1 + static_cast<int>(random() % 5),
                                    .allVote = random() % 2 == 0,
                                    .residueLast = random() % 2 == 0,
                                    .normalizeScores = random() % 2 == 0,
                                    .trimRest = random() % 2 == 0};
        const auto wanted = plainDivision(options, layers, question);
        EXPECT_EQ(dynamicBudget(options)->divide(layers, question).slots, wanted) << round;
        differing += std::count(wanted.begin(), wanted.end(), wanted.front()) != 10;
    }
    EXPECT_GT(differing, 40);
}

// What the last revision says is what the layers hold: layers behind the last multiple of `every` count as well.
TEST(DynamicBudget, tellsWhatEveryLayerHoldsInTheEnd)
{
    std::vector<PromptScores> layers;
    for (int l = 0; l < 5; ++l) {
        layers.push_back({.units = 1, .tokens = 40, .begin = 0, .end = 36, .scores = std::vector<double>(40, .1)});
        std::fill_n(layers.back().scores.begin(), 7 * l, 1.0);
    }
    for (const bool trim : {false, true})
        for (int every = 1; every <= 6; ++every) {
            const Division division = dynamicBudget({.every = every, .trimRest = trim})
                                          ->divide(layers, {.slots = 12, .modelLayers = 5, .tokens = 40, .window = 4});
            const int revisions = 5 / every + (trim && 5 % every != 0 ? 1 : 0);
            const int told = trim || 5 % every == 0 ? revisions : revisions + 1; // and what the rest holds
            ASSERT_EQ(division.updates.size(), static_cast<std::size_t>(5 * told)) << every << trim;
            EXPECT_EQ(std::vector(division.updates.end() - 5, division.updates.end()), division.slots) << every << trim;
        }
}

TEST(DynamicBudget, theRestGoesToTheLargestRemaindersUnlessSaid)
{
    // 83, 58, 41, 16 of 198 on a sum of 120: 50.30, 35.15, 24.85, 9.70.
    EXPECT_THAT(dynamicSlots({200, 140, 100, 40}, 480, 200, 30, 4, true, false), ElementsAre(50, 35, 25, 10));
}

// Section 0.4, 9: counts are scaled in single precision
TEST(AdaptiveBudget, roundsAsTheReferenceDoes)
{
    PromptScores heads{.units = 6, .tokens = 400, .begin = 0, .end = 400, .scores = std::vector<double>(2400, 0)};
    std::fill_n(heads.scores.begin(), 325, 1.0);
    std::fill_n(heads.scores.begin() + 400, 11, 1.0);                   // the 6 · 56 winners
    EXPECT_EQ(adaptiveSlots({.floor = .3}, heads, 56, 0).front(), 244); // in double: 243
}

// Section 0.4, 7: six layers, eight query heads
TEST(AdaptiveBudget, sharesEitherPyramidOut)
{
    const auto perLayer = [](PyramidFormula formula) {
        return pyramidBudget(formula, 20)->slots({.slots = 128, .modelLayers = 6, .tokens = 200, .window = 8});
    };
    EXPECT_THAT(perLayer(PyramidFormula::Adakv), ElementsAre(200, 172, 144, 116, 88, 60)); // times 8, less what rounding takes
    EXPECT_THAT(perLayer(PyramidFormula::Code), testing::Each(128));                       // 1024 in all
}

// Section 0.4, 6
TEST(PyramidBudget, aPromptThatFitsStaysWhole)
{
    for (const auto formula : {PyramidFormula::Paper, PyramidFormula::Code, PyramidFormula::Adakv, PyramidFormula::Press})
        EXPECT_THAT(pyramidBudget(formula, 20)->slots({.slots = 128, .modelLayers = 6, .tokens = 100, .window = 8}),
                    testing::Each(testing::Ge(100)));
}

// Section 0.4, 6
TEST(HeadBudget, aPromptThatFitsStaysWhole)
{
    const PromptScores layer{.units = 4, .tokens = 127, .begin = 0, .end = 119, .scores = std::vector<double>(508, .5)};
    const auto slots = [&](int budget) {
        return headBudget(1.01)
            ->divide(std::span(&layer, 1),
                     {.slots = budget, .modelLayers = 1, .tokens = 127, .window = 8, .headScores = {.7, .1, .1, .1}})
            .slots;
    };
    EXPECT_THAT(slots(128), testing::Each(127));
    EXPECT_THAT(slots(127), ElementsAre(127, 60, 60, 60)); // 127 of 127: the table divides
}

// Section 0.4, 8
TEST(CascadingBudget, aPromptThatExceedsTheBudgetByLessThanTheWindowWaits)
{
    const PromptScores layer{.units = 1, .tokens = 150, .begin = 0, .end = 118, .scores = std::vector<double>(150, .5)};
    const Division division =
        cascadingBudget()->divide(std::vector(2, layer), {.slots = 128, .modelLayers = 2, .tokens = 150, .window = 32});
    EXPECT_THAT(division.atPromptEnd, testing::Each(150));
    EXPECT_THAT(division.slots, testing::Each(128)); // from the first step on
}

// Section 0.4, 4: what a layer may hold later is what the last revision gave it, not the least it ever stored
TEST(CascadingBudget, aLayerGrowsIntoItsLastShare)
{
    std::vector<PromptScores> layers(3,
                                     {.units = 1, .tokens = 100, .begin = 0, .end = 96, .scores = std::vector<double>(100, .5)});
    layers[0].preference = layers[1].preference = .01; // cut to nearly nothing when the third layer has everything
    const Division once = cascadingBudget(false)->divide(layers, {.slots = 20, .modelLayers = 3, .tokens = 100, .window = 4});
    EXPECT_EQ(once.updates.size(), 3u);
    EXPECT_EQ(once.atPromptEnd, once.slots);
    layers[0].preference = layers[2].preference = 1;
    layers[1].preference = 100;
    const Division cascaded = cascadingBudget()->divide(layers, {.slots = 20, .modelLayers = 3, .tokens = 100, .window = 4});
    for (std::size_t l = 0; l < 3; ++l)
        EXPECT_LE(cascaded.atPromptEnd[l], cascaded.slots[l]);
    EXPECT_EQ(std::vector(cascaded.updates.end() - 3, cascaded.updates.end()), cascaded.slots);
}

// WE-CAKE-2
TEST(CascadingBudget, everyLayerTakesItsShareOfAllSoFar)
{
    EXPECT_THAT(cascadedSlots({.5}, 40, 18), ElementsAre(18));
    EXPECT_THAT(cascadedSlots({.5, .2}, 40, 18), ElementsAre(18, 21)); // above the cap again; clipped by whoever asks
    EXPECT_THAT(cascadedSlots({.5, .2, .2}, 40, 18), ElementsAre(18, 11, 11));
    EXPECT_THAT(cascadedSlots({.5, .2, .2, .1}, 40, 18), ElementsAre(18, 9, 9, 4));
}

// WE-HEADKV
TEST(HeadBudget, followsTheTable)
{
    const auto slots = headSlots(std::vector<double>{.4, .3, .2, .1}, 128, 1.01);
    EXPECT_THAT(slots, ElementsAre(204, 153, 103, 52));
    EXPECT_EQ(std::accumulate(slots.begin(), slots.end(), 0), 4 * 128);
}

TEST(StreamingHeads, areThoseWithTheLowestScores)
{
    EXPECT_THAT(streamingHeads(std::vector<double>{.4, .1, .3, .1, .2}, .5), ElementsAre(false, true, false, true, false)); // 2.5
    EXPECT_THAT(streamingHeads(std::vector<double>{.4, .1}, 0), ElementsAre(false, false));
    EXPECT_THAT(streamingHeads(std::vector<double>{.4, .1}, 1), ElementsAre(true, true));
}

// WE-ROCKET, its first stage
TEST(RocketBudget, isWhatThePaperDerives)
{
    EXPECT_EQ(rocketBudgets(512, 32768, 128).capacity, 3191);
    EXPECT_EQ(rocketBudgets(512, 32768, 128).prompt, 3063);
    EXPECT_EQ(rocketBudgets(1024, 8192, 128).capacity, 3717);
    EXPECT_EQ(rocketBudgets(1024, 8192, 128).prompt, 3589);
}

// Section 1.16: Llama, 32 layers
TEST(Ladder, followsTheModelsLayers)
{
    const Ladder wide = ladderOf(32, 16, 0), narrow = ladderOf(32, 8, 4);
    EXPECT_THAT((std::vector{wide.before, wide.after}), ElementsAre(2, 1));
    EXPECT_THAT((std::vector{narrow.before, narrow.after}), ElementsAre(7, 2));
}

} // namespace
} // namespace winnow
