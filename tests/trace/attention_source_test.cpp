// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/attention_source.h"
#include "core/trace/rotary.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace winnow;
using namespace winnow::testing_support;

namespace {

/// Logits of size s carry an error of about d · 2^-24 · s; attention of at most 1 then as much, absolutely. 1e-5 is the promise.
constexpr double kTolerance = 1e-5;

/// The slow obvious reduction of the oracle's attention.
std::vector<double> slowTile(const SyntheticTrace& trace, const AttentionQuery& query, int rows, int columns)
{
    const std::int64_t tokens = static_cast<std::int64_t>(trace.info.tokens.size());
    const std::int64_t n = raw(query.queryEnd) - raw(query.queryBegin), m = raw(query.keyEnd) - raw(query.keyBegin);
    std::vector<double> cells(static_cast<std::size_t>(rows) * columns, 0);
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c) {
            double largest = 0, sum = 0;
            int pairs = 0;
            for (std::int64_t t = raw(query.queryBegin) + r * n / rows; t < raw(query.queryBegin) + (r + 1) * n / rows; ++t)
                for (std::int64_t i = raw(query.keyBegin) + c * m / columns; i < raw(query.keyBegin) + (c + 1) * m / columns;
                     ++i) {
                    const double value = trace.attention[query.layerIndex][(raw(query.queryHead) * tokens + t) * tokens + i];
                    largest = std::max(largest, value);
                    sum += value;
                    ++pairs;
                }
            cells[r * columns + c] = query.reduction == Reduction::Max ? largest : sum / pairs;
        }
    return cells;
}

void expectTile(const Trace& trace, const SyntheticTrace& written, const AttentionQuery& query)
{
    const auto tile = attentionTile(trace, query, {});
    ASSERT_TRUE(tile) << tile.error().message;
    const std::vector<double> expected = slowTile(written, query, tile->rows, tile->columns);
    ASSERT_EQ(tile->values.size(), expected.size());
    double worst = 0;
    std::size_t where = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (!(std::abs(tile->values[i] - expected[i]) <= worst))
            worst = std::abs(tile->values[i] - expected[i]), where = i;
    EXPECT_LE(worst, kTolerance) << "at row " << where / tile->columns << ", column " << where % tile->columns;
}

class EveryLayout : public testing::TestWithParam<SyntheticOptions> {};

TEST_P(EveryLayout, tilesEqualTheSlowAttention)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic(GetParam());
    const auto trace = openSynthetic(written, folder);
    ASSERT_TRUE(trace);
    const int tokens = trace->tokenCount();
    AttentionQuery query{.layerIndex = 1, .queryHead = Head(3), .queryEnd = Position(tokens), .keyEnd = Position(tokens)};
    expectTile(*trace, written, query);
    for (const Reduction reduction : {Reduction::Max, Reduction::Mean}) {
        query.reduction = reduction;
        query.rows = 7, query.columns = 5; // neither divides the range
        expectTile(*trace, written, query);
    }
    query = {.layerIndex = 0,
             .queryHead = Head(1),
             .queryBegin = Position(11),
             .queryEnd = Position(29),
             .keyBegin = Position(3),
             .keyEnd = Position(20)};
    expectTile(*trace, written, query);
    query.rows = 4;
    query.columns = 100; // more than there are: one cell per key
    expectTile(*trace, written, query);
    query.queryBegin = Position(0), query.queryEnd = Position(3), query.keyBegin = Position(10); // all above the diagonal
    expectTile(*trace, written, query);
}

TEST_P(EveryLayout, rowsEqualTheSlowAttention)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic(GetParam());
    const auto trace = openSynthetic(written, folder);
    ASSERT_TRUE(trace);
    const int tokens = trace->tokenCount(), heads = GetParam().queryHeads;
    for (const int step : {0, 1, 17, tokens - 1}) {
        const auto row = attentionRow(*trace, 1, Step(step));
        ASSERT_TRUE(row) << row.error().message;
        ASSERT_EQ(row->size(), static_cast<std::size_t>(heads) * (step + 1));
        for (int head = 0; head < heads; ++head)
            for (int i = 0; i <= step; ++i)
                EXPECT_NEAR((*row)[head * (step + 1) + i], written.attention[1][(head * tokens + step) * tokens + i], kTolerance);
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryLayout,
                         testing::Values(SyntheticOptions{.tokens = 33}, SyntheticOptions{.tokens = 33, .rotaryDims = 0},
                                         SyntheticOptions{.tokens = 33, .rotaryDims = 4, .rotaryScale = 1.1f},
                                         SyntheticOptions{.tokens = 33, .rotaryDims = 6, .layout = RotaryLayout::Interleaved},
                                         SyntheticOptions{.queryHeads = 4, .keyHeads = 4, .tokens = 33, .window = 6},
                                         SyntheticOptions{
                                             .queryHeads = 4, .keyHeads = 1, .tokens = 33, .softcap = 2, .sharpness = 3},
                                         SyntheticOptions{.headDim = 16, .tokens = 64, .rotaryDims = 16, .window = 1}));

TEST(AttentionTile, keepsALoneNeedleWhenZoomedOut)
{
    const TemporaryFolder folder;
    SyntheticTrace written = makeSynthetic(
        {.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 2, .tokens = 200, .rotaryDims = 0, .sharpness = 0.01f});
    written.k[0][2 * 33] = 40, written.q[0][2 * 160] = 40; // token 160 sees token 33 and nothing else
    attend(written, 0);
    const auto trace = openSynthetic(written, folder);
    ASSERT_TRUE(trace);
    const auto tile = attentionTile(*trace, {.queryEnd = Position(200), .keyEnd = Position(200), .rows = 4, .columns = 4}, {});
    ASSERT_TRUE(tile);
    EXPECT_NEAR(tile->values[3 * 4 + 0], 1, 1e-5);
}

TEST(AttentionTile, saysWhatIsNotThere)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(makeSynthetic({.tokens = 8}), folder);
    ASSERT_TRUE(trace);
    const auto message = [&](const AttentionQuery& query) { return attentionTile(*trace, query, {}).error().message; };
    const AttentionQuery whole{.queryEnd = Position(8), .keyEnd = Position(8)};
    AttentionQuery query = whole;
    query.layerIndex = 2;
    EXPECT_THAT(message(query), testing::HasSubstr("no layer number 2; it holds 2 layers"));
    query = whole, query.queryHead = Head(4);
    EXPECT_THAT(message(query), testing::HasSubstr("no query head 4"));
    query = whole, query.queryEnd = Position(9);
    EXPECT_THAT(message(query), testing::HasSubstr("no queries 0 to 8; it holds the tokens 0 to 7"));
    EXPECT_THAT(attentionRow(*trace, 0, Step(8)).error().message, testing::HasSubstr("it holds the tokens 0 to 7"));
}

TEST(AttentionTile, stopsWhenAsked)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(makeSynthetic({.tokens = 8}), folder);
    std::stop_source stop;
    stop.request_stop();
    const auto tile = attentionTile(*trace, {.queryEnd = Position(8), .keyEnd = Position(8)}, JobContext(stop.get_token()));
    ASSERT_FALSE(tile);
    EXPECT_EQ(tile.error().code, ErrorCode::Cancelled);
}

TEST(Rotary, turnsPairsByTheirAngle)
{
    LayerInfo layer{.queryHeads = 1, .keyHeads = 1, .headDim = 6, .invFreq = {1.0f, 0.5f}};
    std::vector<float> half{1, 1, 0, 0, 7, 8};
    rotate(layer, half, 1, Position(2)); // dims (0, 2) by 2 rad, (1, 3) by 1 rad, the rest untouched
    EXPECT_NEAR(half[0], std::cos(2.0), 1e-6);
    EXPECT_NEAR(half[2], std::sin(2.0), 1e-6);
    EXPECT_NEAR(half[1], std::cos(1.0), 1e-6);
    EXPECT_NEAR(half[3], std::sin(1.0), 1e-6);
    EXPECT_EQ(half[4], 7);
    EXPECT_EQ(half[5], 8);
    layer.layout = RotaryLayout::Interleaved;
    std::vector<float> pairs{1, 0, 1, 0, 7, 8};
    rotate(layer, pairs, 1, std::vector<std::int32_t>{2});
    EXPECT_NEAR(pairs[1], std::sin(2.0), 1e-6);
    EXPECT_NEAR(pairs[3], std::sin(1.0), 1e-6);
    EXPECT_EQ(pairs[5], 8);
}

TEST(Rotary, keepsDistancesWhereverItStarts)
{
    const LayerInfo layer{.queryHeads = 1, .keyHeads = 1, .headDim = 2, .invFreq = {0.25f}};
    std::vector<float> rows{1, 2, 3, 4};
    rotate(layer, rows, 1, std::vector<std::int32_t>{100000, 100003});
    std::vector<float> near{1, 2, 3, 4};
    rotate(layer, near, 1, std::vector<std::int32_t>{0, 3});
    EXPECT_NEAR(rows[0] * rows[2] + rows[1] * rows[3], near[0] * near[2] + near[1] * near[3], 1e-5);
}

} // namespace
