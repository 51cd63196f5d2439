// SPDX-License-Identifier: GPL-3.0-or-later
// Parts that look at vectors or count, on numbers a reader can check by hand.
#include "core/policy/lane_parts.h"
#include "core/policy/parts/prompt/vector_scores.h"
#include "core/policy/parts/step/key_steps.h"
#include "core/policy/parts/step/last_row.h"
#include "core/policy/parts/step/low_counts.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/presets/ladder.h"
#include "core/policy/presets/wavelet_energy.h"
#include "tests/policy/fixed_prompt_layer.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using namespace testing_support;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

// --- Haar bands -------------------------------------------------------------------------------------------------------------

// WE-HAAR
TEST(BandEnergy, isTheSquareOfEachReconstructedBand)
{
    // Signal 1, 2, 3, 5: the finest band is −.5 .5 −1 1, the next −1.25 −1.25 1.25 1.25.
    const std::vector<double> signal{1, 2, 3, 5};
    std::vector<double> energy(4, 0.0);
    addBandEnergy(signal, 4, 1, 1, energy);
    EXPECT_THAT(energy, ElementsAre(.25, .25, 1, 1));
    addBandEnergy(signal, 4, 2, 2, energy); // what is there stays
    EXPECT_THAT(energy, ElementsAre(1.8125, 1.8125, 2.5625, 2.5625));
    std::vector<double> both(4, 0.0);
    addBandEnergy(signal, 4, 1, 9, both); // coarser bands than the signal has say nothing
    EXPECT_THAT(both, ElementsAre(1.8125, 1.8125, 2.5625, 2.5625));
}

TEST(BandEnergy, addsUpChannelsAndRepeatsTheEnd)
{
    const std::vector<double> signal{1, 0, 3, 4, 5, 5}; // three slots of two channels
    std::vector<double> energy(3, 0.0);
    addBandEnergy(signal, 3, 1, 1, energy);
    EXPECT_THAT(energy, ElementsAre(5, 5, 0)); // (2² + 4²) / 4; the third slot has only itself
}

TEST(BandEnergy, isNothingWhereNothingChanges)
{
    const std::vector<double> signal(32, 7.0);
    std::vector<double> energy(16, 0.0);
    addBandEnergy(signal, 16, 1, 4, energy);
    EXPECT_THAT(energy, testing::Each(0.0));
}

// --- Scissorhands -------------------------------------------------------------------------------------------------------------

TEST(LowCounts, countRowsBelowAnEvenShare)
{
    const auto lane = lowCounts(2)->lane(0);
    const auto see = [&](std::vector<float> row) {
        std::vector<std::int32_t> positions(row.size());
        for (std::size_t i = 0; i < row.size(); ++i)
            positions[i] = static_cast<std::int32_t>(i);
        lane->observe(static_cast<int>(row.size()) - 1, positions, row);
        const auto scores = lane->scores(0, positions);
        return std::vector<double>(scores.begin(), scores.end());
    };
    EXPECT_THAT(see({0.9999999F}), ElementsAre(0)) << "alone, and rounded";
    EXPECT_THAT(see({.2F, .8F}), ElementsAre(-1, 0));
    EXPECT_THAT(see({.5F, .2F, .3F}), ElementsAre(-1, -1, -1));
    EXPECT_THAT(see({.1F, .4F, .1F, .4F}), ElementsAre(-1, -1, -2, 0)); // the second row counts no more
    lane->erased(std::vector{2});
    EXPECT_THAT(see({.1F, .5F, .2F, .2F}), ElementsAre(-2, 0, -1, -1));
}

TEST(LowCounts, manyGoAtOnceTheLowestFirst)
{
    const auto lane = lowestInBulk(3)->lane({}, 0);
    const std::vector<std::int32_t> positions{0, 1, 2, 3, 4, 5};
    const std::vector<double> scores{-3, -1, -2, -3, -3, 0};
    std::vector<int> victims;
    lane->choose({.positions = positions, .scores = scores, .begin = 0, .end = 5, .count = 1}, victims);
    EXPECT_THAT(victims, ElementsAre(0, 3, 4));
    lane->choose({.positions = positions, .scores = scores, .begin = 0, .end = 5, .count = 4}, victims);
    EXPECT_THAT(victims, ElementsAre(0, 2, 3, 4)); // more than asked for only where more is not needed anyway
}

// --- CAKE while decoding ------------------------------------------------------------------------------------------------------

TEST(LastRow, isTheMeanOfTheRowsOfOneForwardPass)
{
    const auto lane = lastRow({.rows = 2})->lane(0);
    const std::vector<std::int32_t> positions{0, 1, 2};
    lane->observe(0, std::span(positions).first(1), std::vector{1.0F});
    lane->observe(1, std::span(positions).first(2), std::vector{.25F, .75F});
    const auto two = lane->scores(1, std::span(positions).first(2));
    EXPECT_THAT(std::vector(two.begin(), two.end()), ElementsAre(.625, .375));
    lane->erased(std::vector{1});
    lane->observe(2, std::span(positions).first(2), std::vector{.5F, .5F}); // over the slots 0 and 2
    const auto next = lane->scores(2, std::span(positions).first(2));
    EXPECT_THAT(std::vector(next.begin(), next.end()), ElementsAre(.375, .25));
}

// --- Keys ---------------------------------------------------------------------------------------------------------------------

/// Keys of one head and one channel that count how often they are read.
class CountedKeys final : public LaneVectors {
public:
    explicit CountedKeys(std::vector<float> keys) : m_keys(std::move(keys)), reads(m_keys.size(), 0)
    {
        headDim = queryHeads = keyHeads = 1;
    }
    const float* key(int, std::int32_t token) const override
    {
        ++reads[static_cast<std::size_t>(token)];
        return &m_keys[static_cast<std::size_t>(token)];
    }
    const float* value(int, std::int32_t) const override { return nullptr; }
    const float* query(int) const override { return nullptr; }
    std::span<const double> foreseen() const override { return {}; }

private:
    std::vector<float> m_keys;

public:
    mutable std::vector<int> reads;
};

TEST(KeyNorm, readsTheKeyOfASlotOnce)
{
    const CountedKeys keys({3, -1, 4, 2, 5, 6});
    const auto lane = keyNormSteps()->lane(0);
    lane->attach(keys);
    const auto scoresOf = [&](const std::vector<std::int32_t>& positions) {
        const auto scores = lane->scores(positions.back(), positions);
        return std::vector(scores.begin(), scores.end());
    };
    EXPECT_THAT(scoresOf({0, 1, 2}), ElementsAre(-3, -1, -4));
    lane->erased(std::vector{2});
    EXPECT_THAT(scoresOf({0, 1, 3}), ElementsAre(-3, -1, -2));
    lane->erased(std::vector{0, 3}); // the token 4 came and went between two questions
    EXPECT_THAT(scoresOf({1, 3, 5}), ElementsAre(-1, -2, -6));
    EXPECT_THAT(keys.reads, ElementsAre(1, 1, 1, 1, 0, 1));
}

// --- LaCache ------------------------------------------------------------------------------------------------------------------

TEST(Ladder, startsOverWhenOnePassIsNotEnough)
{
    // Four layers, span 2: pairs become one. 24 slots for 12: the pass before the end (four rungs, slots 4…11) frees four places,
    // then the rest of what is left is thinned from behind the sinks again.
    std::vector<std::int32_t> positions(24);
    for (int i = 0; i < 24; ++i)
        positions[static_cast<std::size_t>(i)] = i;
    for (const int layer : {0, 1}) {
        const auto lane = ladderSelector(2, 0, 4)->lane({.lane = {layer, 0}, .modelLayers = 4}, 0);
        std::vector<int> victims;
        lane->choose({.step = 23, .positions = positions, .begin = 4, .end = 24, .count = 12}, victims);
        std::vector<int> left;
        for (int i = 0; i < 24; ++i)
            if (!std::binary_search(victims.begin(), victims.end(), i))
                left.push_back(i);
        EXPECT_THAT(left, layer == 0 ? testing::ElementsAreArray({0, 1, 2, 3, 4, 8, 12, 14, 16, 18, 20, 22})
                                     : testing::ElementsAreArray({0, 1, 2, 3, 7, 11, 13, 15, 17, 19, 21, 23}));
    }
}

// --- vectors ------------------------------------------------------------------------------------------------------------------

std::vector<double> toVector(const at::Tensor& tensor)
{
    const auto values = tensor.to(at::kDouble).contiguous();
    return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

// QFilter (section 2.3)
TEST(QueryFilters, pointWhereTheQueriesGo)
{
    // Queries along (3, −4) with a little beside it: the filter is that direction, turned to their side.
    const auto queries = oneHead({{3, -4}, {6, -8}, {3.1, -3.9}, {-.1, -.1}});
    const auto filter = toVector(queryFilters(queries));
    EXPECT_NEAR(filter[0], .6, .02);
    EXPECT_NEAR(filter[1], -.8, .02);
    EXPECT_NEAR(std::hypot(filter[0], filter[1]), 1, 1e-12);
    FixedPromptLayer layer;
    layer.keyRows = oneHead({{2, 0}, {0, 2}, {1, 1}});
    layer.queryRows = oneHead({{1, -1}, {2, -2}, {5, -5}});
    layer.finish();
    const double root = std::sqrt(2.0); // the filter is (1, −1), made a unit: the key on the queries' side scores highest
    EXPECT_THAT(firstScores(*queryFilter(), layer), Pointwise(DoubleNear(1e-6), {2 / root, -2 / root, 0.0}));
}

// CUR (section 2.3)
TEST(CurLeverage, weighsLengthsAgainstTheirNeighbors)
{
    FixedPromptLayer layer;
    layer.keyRows = oneHead({{1, 0}, {std::sqrt(3), 0}, {0, std::sqrt(2)}, {1, 1}});
    layer.valueRows = oneHead({{2, 0}, {1, 0}, {0, 1}, {std::sqrt(2), 1}});
    layer.finish();
    EXPECT_THAT(firstScores(*curLeverage({.local = 2}), layer), Pointwise(DoubleNear(1e-4), {.2353, .1765, .1471, .4412}));
}

} // namespace
} // namespace winnow
