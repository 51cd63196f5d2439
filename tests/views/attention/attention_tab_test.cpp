// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"
#include "views/attention/attention_tab.h"
#include "views/state/selection.h"

#include <QTest>

#include <gtest/gtest.h>

#include <cmath>

namespace winnow::views {
namespace {

constexpr int kTokens = 48;

struct Data {
    testing_support::TemporaryFolder folder;
    testing_support::SyntheticTrace synthetic =
        testing_support::makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = kTokens});
    ViewData view;
    Data()
    {
        view.trace = testing_support::openSynthetic(synthetic, folder);
        view.info = std::make_shared<TraceInfo>(synthetic.info);
        view.replay = test::syntheticReplay({.tokens = kTokens, .layers = 2, .lanes = 2, .budget = 8, .policies = 3});
        view.tokensRecorded = kTokens;
    }
    double attention(int layer, int head, int step, int token) const
    {
        return synthetic.attention[layer][(head * kTokens + step) * kTokens + token];
    }
    LostTileQuery whole(int rows, int columns) const
    {
        LostTileQuery query{.replay = view.replay, .policy = 1, .layer = 1, .lane = 1};
        query.attention = {.layerIndex = 1,
                           .queryHead = Head{3},
                           .queryEnd = Position{kTokens},
                           .keyEnd = Position{kTokens},
                           .rows = rows,
                           .columns = columns};
        return query;
    }
};

TEST(LostTile, hasOrangeThatSumsToOneMinusTheMassOfTheHead)
{
    const Data data;
    const auto tile = lostTile(*data.view.trace, data.whole(kTokens, kTokens), {});
    ASSERT_TRUE(tile) << tile.error().message;
    const PolicyReplay& policy = *data.view.replay->policies[1];
    for (int step = 0; step < kTokens; ++step) {
        double lost = 0, attended = 0;
        for (int token = 0; token <= step; ++token) {
            const std::int32_t left = policy.evictStep[policy.index(1, 1, token)];
            const bool takesPart = left < 0 || left >= step;
            attended += takesPart ? data.attention(1, 3, step, token) : 0;
            if (tile->lost[step * kTokens + token])
                lost += tile->tile.values[step * kTokens + token];
        }
        EXPECT_NEAR(lost, 1 - attended, 1e-4) << "step " << step;
        for (int token = step + 1; token < kTokens; ++token)
            EXPECT_TRUE(std::isnan(tile->tile.values[step * kTokens + token])) << "the future is not zero but not read yet";
    }
}

TEST(LostTile, reducesToTheLargestAndItsOwnersFate)
{
    const Data data;
    const int cells = 7;
    const auto tile = lostTile(*data.view.trace, data.whole(cells, cells), {});
    ASSERT_TRUE(tile);
    const PolicyReplay& policy = *data.view.replay->policies[1];
    std::vector<double> best(cells * cells, -1);
    std::vector<bool> lost(cells * cells, false);
    for (int step = 0; step < kTokens; ++step)
        for (int token = 0; token <= step; ++token) {
            const int cell = step * cells / kTokens * cells + token * cells / kTokens;
            if (data.attention(1, 3, step, token) > best[cell]) {
                best[cell] = data.attention(1, 3, step, token);
                const std::int32_t left = policy.evictStep[policy.index(1, 1, token)];
                lost[cell] = left >= 0 && left < step;
            }
        }
    for (int cell = 0; cell < cells * cells; ++cell) {
        if (best[cell] < 0) {
            EXPECT_TRUE(std::isnan(tile->tile.values[cell]));
            continue;
        }
        EXPECT_NEAR(tile->tile.values[cell], best[cell], 1e-5);
        EXPECT_EQ(tile->lost[cell], lost[cell]) << "cell " << cell;
    }
}

TEST(LostTile, leavesTheSinksOutWhenAsked)
{
    const Data data;
    LostTileQuery query = data.whole(kTokens, kTokens);
    query.maskSinks = true;
    const auto tile = lostTile(*data.view.trace, query, {});
    ASSERT_TRUE(tile);
    EXPECT_TRUE(std::isnan(tile->tile.values[20 * kTokens + 3]));
    EXPECT_FALSE(std::isnan(tile->tile.values[20 * kTokens + 4]));
}

TEST(AttentionTab, sharesAxesZoomAndClicksWithTheMaps)
{
    const Data data;
    Selection selection;
    selection.setExtent(kTokens, 3);
    AttentionTab tab(&selection);
    tab.resize(800, 360);
    tab.show();
    tab.setData(data.view);
    tab.setHead(1, 2);
    tab.finish();
    QCPAxisRect* rect = tab.plot()->axisRect(0);
    EXPECT_EQ(rect->axis(QCPAxis::atBottom)->range(), QCPRange(0, kTokens));
    EXPECT_TRUE(rect->axis(QCPAxis::atLeft)->rangeReversed());
    const QPoint at(qRound(rect->axis(QCPAxis::atBottom)->coordToPixel(10.5)),
                    qRound(rect->axis(QCPAxis::atLeft)->coordToPixel(30.5)));
    QTest::mouseClick(tab.plot(), Qt::LeftButton, {}, at);
    EXPECT_EQ(selection.state().token, 10);
    EXPECT_EQ(selection.state().step, 30);
    selection.setZoom({8, 24, 16, 40});
    EXPECT_EQ(rect->axis(QCPAxis::atBottom)->range(), QCPRange(8, 24));
    EXPECT_EQ(rect->axis(QCPAxis::atLeft)->range(), QCPRange(16, 40));
    tab.finish();
    const auto request = tab.currentFigure();
    ASSERT_TRUE(request);
    EXPECT_EQ(figureArguments(*request), (std::vector<std::string>{"attention", "--layer", "1", "--head", "2", "--queries",
                                                                   "16-39", "--keys", "8-23", "--scale", "log"}));
}

TEST(AttentionTab, saysWhatIsMissingWhileRecording)
{
    Selection selection;
    AttentionTab tab(&selection);
    tab.setData({.info = test::syntheticInfo({})});
    EXPECT_FALSE(tab.currentFigure());
    EXPECT_FALSE(tab.plot()->axisRect(0)->visible());
}

} // namespace
} // namespace winnow::views
