// SPDX-License-Identifier: GPL-3.0-or-later
// Two policies against each other, held to the definition token by token and lane by lane.
#include "core/analysis/difference.h"
#include "core/analysis/overlap.h"

#include "core/analysis/kept_share.h"
#include "tests/support/plain_overlap.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <set>

namespace winnow {
namespace {

using test::Dice;
using testing::ElementsAre;

/// One lane, five tokens: what each row of `evict` says of a lane.
PolicyReplay lifetimes(int lanes, std::vector<std::int32_t> evict)
{
    PolicyReplay policy{.layers = 1, .lanes = lanes, .tokens = static_cast<int>(evict.size()) / lanes};
    policy.stepsDone = policy.tokens;
    policy.evictStep = std::move(evict);
    return policy;
}

PolicyReplay randomLifetimes(int layers, int lanes, int tokens, const std::vector<int>& windows, Dice& dice)
{
    PolicyReplay policy{.layers = layers, .lanes = lanes, .tokens = tokens, .stepsDone = tokens};
    policy.evictStep.assign(static_cast<std::size_t>(layers * lanes * tokens), -1);
    for (std::size_t i = 0; i < policy.evictStep.size(); ++i) {
        const int token = static_cast<int>(i) % tokens, layer = static_cast<int>(i) / tokens / lanes;
        int left = dice.below(4) == 0 ? -1 : token + dice.below(dice.below(3) == 0 ? tokens : 8);
        const int window = windows.empty() ? 0 : windows[static_cast<std::size_t>(layer)];
        if (window > 0 && (left < 0 || left > token + window - 1))
            left = token + window - 1; // a sliding window takes it under every policy
        policy.evictStep[i] = left < tokens ? left : -1;
    }
    return policy;
}

DifferenceCell slowToken(const PolicyReplay& a, const PolicyReplay& b, const LanePairs& pairs, int token, int step)
{
    int thisOnly = 0, referenceOnly = 0, both = 0, lanes = 0;
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        const int window = pairs.windows.empty() ? 0 : pairs.windows[pair];
        if (window > 0 && step - token >= window - 1)
            continue;
        ++lanes;
        const bool mine = a.shows(pairs.first[pair] / a.lanes, pairs.first[pair] % a.lanes, token, step),
                   theirs = b.shows(pairs.second[pair] / b.lanes, pairs.second[pair] % b.lanes, token, step);
        thisOnly += mine && !theirs;
        referenceOnly += !mine && theirs;
        both += mine && theirs;
    }
    return lanes == 0 ? kDifferenceOutOfReach
                      : differenceCell({fifteenths(thisOnly, lanes), fifteenths(referenceOnly, lanes), fifteenths(both, lanes)});
}

TEST(Difference, aCellGivesItsSharesBackAndTheLargerOneIsShown)
{
    for (int thisOnly = 0; thisOnly <= 15; ++thisOnly)
        for (int referenceOnly = 0; thisOnly + referenceOnly <= 16 && referenceOnly <= 15; ++referenceOnly)
            for (int both = 0; both <= 15; ++both) {
                const DifferenceShares shares{thisOnly, referenceOnly, both};
                ASSERT_EQ(differenceShares(differenceCell(shares)), shares);
                ASSERT_LT(differenceCell(shares), kDifferenceCells);
            }
    const DifferenceCell some[] = {differenceCell({0, 0, 15}), differenceCell({0, 3, 0}), differenceCell({2, 0, 13}),
                                   kDifferenceOutOfReach, kDifferenceUnborn};
    EXPECT_EQ(strongestCell(some), some[1]) << "the token that they disagree most about";
    EXPECT_EQ(strongestCell({}), kDifferenceUnborn);
    EXPECT_EQ(fifteenths(1, 192), 1) << "one lane of many is seen";
    EXPECT_EQ(fifteenths(191, 192), 14) << "all but one are not all";
}

TEST(Difference, saysOfEveryTokenWhoStoresIt)
{
    // after step 3 the first stores 0 and 3, the second 0, 1 and 3
    const PolicyReplay a = lifetimes(1, {-1, 2, 3, -1, -1}), b = lifetimes(1, {-1, -1, 3, -1, -1});
    const LanePairs pairs = pairLanes(a, b, {}, 1);
    EXPECT_THAT(differenceCells(a, b, pairs, 3, 0, 5),
                ElementsAre(differenceCell({0, 0, 15}), differenceCell({0, 15, 0}), differenceCell({0, 0, 0}),
                            differenceCell({0, 0, 15}), kDifferenceUnborn));
}

TEST(Difference, aQueryHeadMeetsTheKvHeadOfItsGroup)
{
    const PolicyReplay kv = lifetimes(2, {-1, -1, -1, -1}), query = lifetimes(4, {-1, -1, -1, -1, -1, -1, -1, -1});
    const std::vector<Lane> chosen{{0, 1}};
    EXPECT_EQ(pairLanes(kv, query, chosen, 2), (LanePairs{{1, 1}, {2, 3}, {}}));
    EXPECT_EQ(pairLanes(query, kv, chosen, 2), (LanePairs{{2, 3}, {1, 1}, {}}));
}

TEST(Difference, planeAndStepEqualTheDefinitionInRandomCases)
{
    Dice dice(77);
    for (int round = 0; round < 150; ++round) {
        const int layers = 1 + dice.below(3), heads = 1 + dice.below(3), tokens = 1 + dice.below(130);
        std::vector<int> windows;
        if (dice.below(3) == 0)
            for (int layer = 0; layer < layers; ++layer)
                windows.push_back(dice.below(2) == 0 ? 0 : 1 + dice.below(40));
        const PolicyReplay a = randomLifetimes(layers, heads * (1 + dice.below(2)), tokens, windows, dice),
                           b = randomLifetimes(layers, heads, tokens, windows, dice);
        std::vector<Lane> chosen;
        if (dice.below(2) == 0)
            chosen.push_back({dice.below(layers), dice.below(heads)});
        const LanePairs pairs = pairLanes(a, b, chosen, heads, windows);
        RetentionRaster raster{0, double(tokens), 0, double(tokens), 1 + dice.below(60), 1 + dice.below(50)};
        if (dice.below(2) == 0) {
            raster.tokenBegin = tokens * 0.5 * dice.unit();
            raster.stepBegin = tokens * 0.5 * dice.unit();
        }
        const DifferencePlane plane = differencePlane(a, b, pairs, raster);
        for (int row = 0; row < raster.rows; ++row)
            for (int column = 0; column < raster.columns; ++column) {
                DifferenceCell most = kDifferenceUnborn;
                for (int token = raster.firstToken(column); token < raster.endToken(column, tokens); ++token)
                    if (token < raster.endStep(row, tokens))
                        most = std::max(most, slowToken(a, b, pairs, token, std::max(raster.firstStep(row), token)));
                ASSERT_EQ(plane.cells[static_cast<std::size_t>(row) * raster.columns + column], most)
                    << "case " << round << ", column " << column << ", row " << row;
            }
        const int step = dice.below(tokens), begin = dice.below(tokens);
        const auto cells = differenceCells(a, b, pairs, step, begin, tokens - begin);
        for (int token = begin; token < tokens; ++token)
            ASSERT_EQ(cells[static_cast<std::size_t>(token - begin)],
                      token > step ? kDifferenceUnborn : slowToken(a, b, pairs, token, step))
                << "case " << round << ", token " << token << ", step " << step;
    }
}

/// A policy that selects pages by lot.
PolicyReplay selection(int lanes, int tokens, Dice& dice)
{
    PolicyReplay policy = lifetimes(lanes, std::vector<std::int32_t>(static_cast<std::size_t>(lanes * tokens), -1));
    policy.pageTokens = 4;
    policy.read.assign(static_cast<std::size_t>(lanes * tokens * policy.pageBytes()), 0);
    for (auto& bits : policy.read)
        bits = static_cast<std::uint8_t>(dice.below(256));
    return policy;
}

TEST(Difference, aSelectionShowsWhatItReads)
{
    Dice dice(3);
    const PolicyReplay a = selection(2, 30, dice), b = randomLifetimes(1, 2, 30, {}, dice);
    const LanePairs pairs = pairLanes(a, b, {}, 2);
    const DifferencePlane plane = differencePlane(a, b, pairs, {0, 30, 0, 30, 30, 30});
    for (int step = 0; step < 30; ++step)
        for (int token = 0; token < 30; ++token)
            EXPECT_EQ(plane.cells[static_cast<std::size_t>(step) * 30 + token],
                      token > step ? kDifferenceUnborn : slowToken(a, b, pairs, token, step));
    EXPECT_EQ(differenceCells(a, b, pairs, 17, 3, 9)[4], slowToken(a, b, pairs, 7, 17));
}

TEST(Difference, aStoppedPlaneHasNoCells)
{
    const auto replay = test::syntheticReplay({.tokens = 64, .policies = 2});
    const PolicyReplay &a = *replay->policies[0], &b = *replay->policies[1];
    std::stop_source stop;
    stop.request_stop();
    EXPECT_TRUE(differencePlane(a, b, pairLanes(a, b, {}, 2), {0, 64, 0, 64, 8, 8}, JobContext(stop.get_token())).cells.empty());
}

// --- where they part

std::vector<int> slowDiverging(const PolicyReplay& a, const PolicyReplay& b, const LanePairs& pairs, int step)
{
    std::set<int> tokens;
    for (std::size_t pair = 0; pair < pairs.size(); ++pair)
        for (int token = 0; token <= step; ++token) {
            const auto stands = [&](int at) {
                const auto held = [&](const PolicyReplay& policy, int lane) {
                    return token <= at && policy.shows(lane / policy.lanes, lane % policy.lanes, token, at);
                };
                return int(held(a, pairs.first[pair])) - int(held(b, pairs.second[pair]));
            };
            if (stands(step) != (step == 0 ? 0 : stands(step - 1)))
                tokens.insert(token);
        }
    return {tokens.begin(), tokens.end()};
}

TEST(Divergence, isAStepAtWhichWhatOnlyOneStoresChanges)
{
    // Token 1 leaves the first at 2 and the second at 4; token 2 leaves both at 3, which parts nobody.
    const PolicyReplay a = lifetimes(1, {-1, 2, 3, -1, -1, -1}), b = lifetimes(1, {-1, 4, 3, -1, -1, -1});
    const LanePairs pairs = pairLanes(a, b, {}, 1);
    EXPECT_EQ(nextDivergence(a, b, pairs, 0, 1), 2);
    EXPECT_EQ(nextDivergence(a, b, pairs, 2, 1), 4);
    EXPECT_EQ(nextDivergence(a, b, pairs, 4, 1), std::nullopt);
    EXPECT_EQ(nextDivergence(a, b, pairs, 5, -1), 4);
    EXPECT_EQ(nextDivergence(a, b, pairs, 2, -1), std::nullopt);
    EXPECT_THAT(divergingTokens(a, b, pairs, 2, 0, 6), ElementsAre(1));
    EXPECT_THAT(divergingTokens(a, b, pairs, 3, 0, 6), ElementsAre());
    EXPECT_THAT(divergingTokens(a, b, pairs, 2, 2, 6), ElementsAre()) << "token 1 was not asked for";
    EXPECT_EQ(nextDivergence(a, a, pairs, 0, 1), std::nullopt) << "a policy never parts from itself";
}

TEST(Divergence, isFoundInTheChosenLanesAndInStepsThatAreComputed)
{
    PolicyReplay a = lifetimes(2, {-1, 2, -1, -1, -1, -1, -1, -1}), b = lifetimes(2, {-1, -1, -1, -1, -1, 3, -1, -1});
    const std::vector<Lane> second{{0, 1}};
    const LanePairs all = pairLanes(a, b, {}, 2), one = pairLanes(a, b, second, 2);
    EXPECT_EQ(nextDivergence(a, b, all, 0, 1), 2);
    EXPECT_EQ(nextDivergence(a, b, one, 0, 1), 3);
    b.stepsDone = 3;
    EXPECT_EQ(nextDivergence(a, b, one, 0, 1), std::nullopt);
}

TEST(Divergence, equalsTheDefinitionInRandomCases)
{
    Dice dice(11);
    for (int round = 0; round < 60; ++round) {
        const int heads = 1 + dice.below(3), tokens = 2 + dice.below(40);
        const PolicyReplay a = round % 5 == 0 ? selection(heads, tokens, dice) : randomLifetimes(1, heads, tokens, {}, dice),
                           b = randomLifetimes(1, heads, tokens, {}, dice);
        const LanePairs pairs = pairLanes(a, b, {}, heads);
        std::vector<int> parted;
        for (int step = 0; step < tokens; ++step) {
            const std::vector<int> expected = slowDiverging(a, b, pairs, step);
            ASSERT_EQ(divergingTokens(a, b, pairs, step, 0, tokens), expected) << "case " << round << ", step " << step;
            if (!expected.empty())
                parted.push_back(step);
        }
        for (int step = 0; step < tokens; ++step) {
            const auto after = std::upper_bound(parted.begin(), parted.end(), step),
                       from = std::lower_bound(parted.begin(), parted.end(), step);
            ASSERT_EQ(nextDivergence(a, b, pairs, step, 1), after == parted.end() ? std::nullopt : std::optional(*after));
            ASSERT_EQ(nextDivergence(a, b, pairs, step, -1),
                      from == parted.begin() ? std::nullopt : std::optional(*std::prev(from)));
        }
    }
}

// --- overlap

TEST(Overlap, isTheMeanOverChosenLanesAndSteps)
{
    Dice dice(5);
    for (int round = 0; round < 60; ++round) {
        const int layers = 1 + dice.below(2), heads = 1 + dice.below(3), tokens = 2 + dice.below(50);
        const PolicyReplay a = round % 6 == 0 ? selection(heads, tokens, dice) : randomLifetimes(layers, heads, tokens, {}, dice),
                           b = randomLifetimes(a.layers, heads, tokens, {}, dice);
        const std::vector<Lane> chosen{{dice.below(a.layers), dice.below(heads)}};
        const LanePairs pairs = pairLanes(a, b, chosen, heads);
        const int begin = dice.below(tokens), end = begin + 1 + dice.below(tokens - begin);
        double sum = 0;
        for (int step = begin; step < end; ++step) {
            int both = 0, either = 0;
            for (int token = 0; token <= step; ++token) {
                const bool inA = a.shows(chosen[0].layer, chosen[0].head, token, step),
                           inB = b.shows(chosen[0].layer, chosen[0].head, token, step);
                both += inA && inB;
                either += inA || inB;
            }
            sum += either == 0 ? 1 : double(both) / either;
        }
        EXPECT_NEAR(meanOverlap(a, b, pairs, {begin, end}).value(), sum / (end - begin), 1e-12) << "case " << round;
    }
}

TEST(Overlap, ofAllLanesAfterOneStepIsTheMeanOfTheirShares)
{
    const auto replay = test::syntheticReplay({.tokens = 200, .layers = 2, .lanes = 3, .budget = 24, .policies = 4});
    for (const auto& a : replay->policies)
        for (const auto& b : replay->policies)
            EXPECT_NEAR(meanOverlap(*a, *b, pairLanes(*a, *b, {}, 3), {150, 151}).value(),
                        testing_support::plainJaccard(*a, *b, 150), 1e-12);
}

} // namespace
} // namespace winnow
