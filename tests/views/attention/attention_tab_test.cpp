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
        LostTileQuery query{.by = {view.replay, 1, 1, 1}};
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
    EXPECT_EQ(figureArguments(*request),
              (std::vector<std::string>{"attention", "--step", "30", "--layer", "1", "--head", "2", "--queries", "16-39",
                                        "--keys", "8-23", "--lost-by", "1", "--scale", "log"}));
}

TEST(AttentionTab, saysWhatIsMissingWhileRecording)
{
    Selection selection;
    AttentionTab tab(&selection);
    tab.setData({.info = test::syntheticInfo({})});
    EXPECT_FALSE(tab.currentFigure());
    EXPECT_FALSE(tab.plot()->axisRect(0)->visible());
}

TEST(AttendedTokens, areSortedByShareAndTellWhatIsLost)
{
    const Data data;
    const LostTileQuery query = data.whole(kTokens, kTokens);
    const auto row = attendedTokens(*data.view.trace, 1, Head{3}, query.by, 40, 10, {});
    ASSERT_TRUE(row) << row.error().message;
    ASSERT_EQ(row->tokens.size(), 10u);
    const PolicyReplay& policy = *data.view.replay->policies[1];
    double lost = 0;
    for (int token = 0; token <= 40; ++token)
        lost += policy.attends(1, 1, token, 40) ? 0 : data.attention(1, 3, 40, token);
    EXPECT_NEAR(row->lost, lost, 1e-5);
    EXPECT_NEAR(row->kept, 1 - lost, 1e-5);
    for (std::size_t i = 0; i < row->tokens.size(); ++i) {
        const AttendedToken& one = row->tokens[i];
        EXPECT_NEAR(one.share, data.attention(1, 3, 40, one.token), 1e-5);
        EXPECT_EQ(one.lost, !policy.attends(1, 1, one.token, 40));
        EXPECT_EQ(one.leftAt, policy.evictStep[policy.index(1, 1, one.token)]);
        EXPECT_TRUE(i == 0 || one.share <= row->tokens[i - 1].share);
    }
    const auto few = attendedTokens(*data.view.trace, 1, Head{3}, query.by, 2, 10, {});
    EXPECT_EQ(few->tokens.size(), 3u);
    const auto alone = attendedTokens(*data.view.trace, 1, Head{3}, {}, 40, 10, {});
    EXPECT_FALSE(alone->compared);
    EXPECT_EQ(alone->lost, 0);
}

TEST(AttentionTab, listsTheRowOfTheStepAndGoesToItsTokens)
{
    const Data data;
    Selection selection;
    selection.setExtent(kTokens, 3);
    selection.setStep(40);
    AttentionTab tab(&selection);
    tab.resize(1000, 390);
    tab.show();
    tab.setData(data.view);
    tab.finish();
    ASSERT_EQ(tab.row()->table()->rowCount(), 41);
    EXPECT_TRUE(tab.row()->title().startsWith(QStringLiteral("Step 40: "))) << tab.row()->title().toStdString();
    const int token = tab.row()->table()->item(3, 0)->data(Qt::UserRole).toInt();
    emit tab.row()->table()->cellClicked(3, 1);
    EXPECT_EQ(selection.state().token, token);
}

TEST(AttentionTab, followsTheOneChosenLane)
{
    const Data data;
    Selection selection;
    selection.setExtent(kTokens, 3);
    AttentionTab tab(&selection);
    tab.resize(1000, 390);
    tab.show();
    tab.setData(data.view);
    const auto shown = [&] {
        tab.finish();
        return std::pair(tab.currentFigure()->options.layer.value_or(-1), tab.currentFigure()->options.head.value_or(-1));
    };
    selection.setLanes({{1, 1}});
    EXPECT_EQ(shown(), std::pair(1, 2)); // the first query head that reads KV head 1
    tab.setHead(1, 3);
    selection.setLanes({{1, 0}, {1, 1}}); // not one lane
    EXPECT_EQ(shown(), std::pair(1, 3));
    selection.setLanes({{1, 1}});
    EXPECT_EQ(shown(), std::pair(1, 3)); // of that lane already
    selection.setLanes({{0, 0}});
    EXPECT_EQ(shown(), std::pair(0, 0));
}

TEST(HeadThumbs, holdTheLargestAttentionOfEveryBinOfKeys)
{
    const Data data;
    const auto thumbs = headThumbs(*data.view.trace, {0, 1}, 12, {});
    ASSERT_TRUE(thumbs) << thumbs.error().message;
    ASSERT_EQ(thumbs->layers.size(), 2u);
    EXPECT_EQ(thumbs->heads, 4);
    for (int r = 0; r < 12; ++r) {
        const int step = (2 * r + 1) * kTokens / 24;
        for (int c = 0; c < 12; ++c) {
            double most = -1;
            for (int token = 0; token <= step; ++token)
                if (token * 12 / kTokens == c)
                    most = std::max(most, data.attention(1, 3, step, token));
            const float cell = thumbs->layers[1][3].values[static_cast<std::size_t>(r * 12 + c)];
            if (most < 0)
                EXPECT_TRUE(std::isnan(cell));
            else
                EXPECT_NEAR(cell, most, 1e-5);
        }
    }
}

TEST(AttentionTab, showsAllHeadsAndAClickChoosesOne)
{
    const Data data;
    Selection selection;
    selection.setExtent(kTokens, 3);
    AttentionTab tab(&selection);
    tab.resize(1000, 390);
    tab.show();
    tab.setData(data.view);
    tab.showHeads(true);
    for (int i = 0; i < 200 && tab.heads()->cellRect({1, 2}).isNull(); ++i)
        QTest::qWait(10);
    tab.finish();
    EXPECT_EQ(figureArguments(*tab.currentFigure()), std::vector<std::string>{"heads"}) << "all that is seen";
    QTest::mouseClick(tab.heads()->viewport(), Qt::LeftButton, {}, tab.heads()->cellRect({1, 2}).center());
    tab.finish();
    EXPECT_EQ(tab.currentFigure()->options.layer, 1);
    EXPECT_EQ(tab.currentFigure()->options.head, 2);
    tab.showHeads(true); // and by the keyboard
    QTest::keyClick(tab.heads(), Qt::Key_Up);
    QTest::keyClick(tab.heads(), Qt::Key_Right);
    QTest::keyClick(tab.heads(), Qt::Key_Return);
    tab.finish();
    EXPECT_EQ(tab.currentFigure()->options.layer, 0);
    EXPECT_EQ(tab.currentFigure()->options.head, 3);
}

} // namespace
} // namespace winnow::views
