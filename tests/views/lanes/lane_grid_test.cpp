// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing lanes in the grid.
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"
#include "views/lanes/lane_grid.h"

#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

class LaneGridTest : public testing::Test {
protected:
    LaneGridTest()
    {
        data = {test::syntheticInfo(options), nullptr, test::syntheticReplay(options), options.tokens};
        selection.setExtent(options.tokens, options.policies);
        grid.setData(data);
        grid.resize(236, 300);
        grid.show();
        QCoreApplication::processEvents();
    }
    void click(Lane lane, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(grid.viewport(), Qt::LeftButton, modifiers, grid.cellRect(lane).center());
    }
    const std::vector<Lane>& lanes() const { return selection.state().lanes; }

    const test::SyntheticOptions options{.tokens = 128, .layers = 4, .lanes = 3, .budget = 32};
    ViewData data;
    Selection selection;
    LaneGrid grid{&selection};
};

TEST_F(LaneGridTest, aClickChoosesOneLaneAndShiftAddsOrTakesAway)
{
    click({1, 2});
    EXPECT_EQ(lanes(), (std::vector<Lane>{{1, 2}}));
    click({0, 0}, Qt::ShiftModifier);
    EXPECT_EQ(lanes(), (std::vector<Lane>{{0, 0}, {1, 2}}));
    click({1, 2}, Qt::ShiftModifier);
    EXPECT_EQ(lanes(), (std::vector<Lane>{{0, 0}}));
}

TEST_F(LaneGridTest, aDragChoosesARectangleAndALayersNumberItsLayer)
{
    const QPoint from = grid.cellRect({1, 0}).center(), to = grid.cellRect({2, 1}).center();
    QTest::mousePress(grid.viewport(), Qt::LeftButton, {}, from);
    QTest::mouseMove(grid.viewport(), to);
    QTest::mouseRelease(grid.viewport(), Qt::LeftButton, {}, to);
    EXPECT_EQ(lanes(), (std::vector<Lane>{{1, 0}, {1, 1}, {2, 0}, {2, 1}}));
    QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, QPoint(6, grid.cellRect({3, 0}).center().y()));
    EXPECT_EQ(lanes(), (std::vector<Lane>{{3, 0}, {3, 1}, {3, 2}}));
}

TEST_F(LaneGridTest, allLanesIsNoFilter)
{
    click({1, 2});
    QTest::mouseDClick(grid.viewport(), Qt::LeftButton, {}, grid.cellRect({0, 0}).center());
    EXPECT_TRUE(lanes().empty());
    for (int layer = 0; layer < 4; ++layer)
        for (int head = 0; head < 3; ++head)
            click({layer, head}, Qt::ShiftModifier);
    EXPECT_TRUE(lanes().empty()) << "all of them, one by one";
}

TEST_F(LaneGridTest, laneBeforeAndAfterGoRound)
{
    grid.laneAfter();
    EXPECT_EQ(lanes(), (std::vector<Lane>{{0, 0}})) << "from all lanes to the first";
    grid.laneAfter();
    EXPECT_EQ(lanes(), (std::vector<Lane>{{0, 1}}));
    grid.laneBefore();
    grid.laneBefore();
    EXPECT_EQ(lanes(), (std::vector<Lane>{{3, 2}}));
    grid.allLanes();
    EXPECT_TRUE(lanes().empty());
}

TEST_F(LaneGridTest, queryHeadCellsChooseTheirKvHead)
{
    auto result = std::make_shared<ReplayResult>(*data.replay);
    auto wide = std::make_shared<PolicyReplay>(*test::syntheticPolicy(0, {.tokens = 128, .layers = 4, .lanes = 6, .budget = 32}));
    result->policies[0] = wide;
    data.replay = result;
    grid.setData(data);
    EXPECT_FALSE(grid.cellRect({0, 5}).isNull());
    click({2, 5});
    EXPECT_EQ(lanes(), (std::vector<Lane>{{2, 2}}));
}

TEST_F(LaneGridTest, arrowsAndSpaceChooseByKeyboard)
{
    grid.setFocus();
    for (const int key : {Qt::Key_Down, Qt::Key_Right, Qt::Key_Space})
        QTest::keyClick(&grid, static_cast<Qt::Key>(key));
    EXPECT_EQ(lanes(), (std::vector<Lane>{{1, 1}}));
    EXPECT_TRUE(grid.accessibleDescription().contains(QStringLiteral("Layer 1, KV head 1")));
}

TEST_F(LaneGridTest, tellsWhichLaneOfWhichPolicyStillHoldsTheNeedle)
{
    LaneValues values(&selection, [] {});
    values.setData(data);
    values.setMeasure(&kBrushKept);
    values.update();
    EXPECT_TRUE(values.policies().empty()); // nothing is looked at
    selection.setTokenRange(Range{40, 44});
    selection.setStep(90);
    values.update();
    ASSERT_EQ(values.policies().size(), static_cast<std::size_t>(options.policies));
    for (int layer = 0; layer < 4; ++layer)
        for (int head = 0; head < 3; ++head)
            for (int policy = 0; policy < options.policies; ++policy) {
                const PolicyReplay& replay = *data.replay->policies[static_cast<std::size_t>(policy)];
                int kept = 0, last = -1, never = 0;
                for (int token = 40; token < 44; ++token) {
                    kept += replay.keeps(layer, head, token, 90);
                    const int left = replay.evictStep[replay.index(layer, head, token)];
                    never += left < 0;
                    last = std::max(last, left);
                }
                const auto at = static_cast<std::size_t>(policy);
                values.setMeasure(&kBrushKept);
                values.update();
                EXPECT_FLOAT_EQ(values.stripes({layer, head})[at], float(kept) / 4);
                values.setMeasure(&kTokenLeft);
                values.update();
                EXPECT_FLOAT_EQ(values.stripes({layer, head})[at], never > 0 ? 128.0F : float(last));
            }
    EXPECT_EQ(values.figure().name, "autopsy");
    EXPECT_EQ(values.figure().options.tokenRange, (IntRange{40, 43}));
    selection.setHidden(1, true);
    values.update();
    EXPECT_EQ(values.stripes({0, 0}).size(), static_cast<std::size_t>(options.policies) - 1);
    EXPECT_TRUE(values.dependsOn(Selection::Token));
    EXPECT_FALSE(values.dependsOn(Selection::StepField));
    values.setMeasure(&kBrushKept);
    EXPECT_TRUE(values.dependsOn(Selection::StepField));
}

TEST(SlopeSteps, liesInTheLaterHalfWithTheLastStepAmongThem)
{
    EXPECT_EQ(slopeSteps(1024), (std::vector<int>{575, 639, 703, 767, 831, 895, 959, 1023}));
    EXPECT_EQ(slopeSteps(1), (std::vector<int>{0}));
    EXPECT_TRUE(slopeSteps(0).empty());
}

TEST(LaneGrid, showsTheWaveletSlopeOfEveryQueryHead)
{
    const testing_support::TemporaryFolder folder;
    const auto synthetic = testing_support::makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = 400});
    ViewData data;
    data.trace = testing_support::openSynthetic(synthetic, folder);
    data.info = std::make_shared<TraceInfo>(synthetic.info);
    Selection selection;
    selection.setExtent(400, 0);
    LaneGrid grid(&selection);
    grid.resize(236, 300);
    grid.show();
    grid.setData(data);
    EXPECT_TRUE(grid.cellRect({0, 2}).isNull()) << "two KV heads";
    grid.setMeasure(kWaveletSlope);
    grid.finishSlopes();
    EXPECT_FALSE(grid.cellRect({1, 3}).isNull()) << "four query heads";
    EXPECT_EQ(grid.currentFigure().name, "scale-slope");
    QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, grid.cellRect({1, 3}).center());
    EXPECT_EQ(selection.state().lanes, (std::vector<Lane>{{1, 1}})) << "a query head stands for its KV head";
    EXPECT_TRUE(grid.accessibleDescription().contains(QStringLiteral("slope"))) << grid.accessibleDescription().toStdString();
}

} // namespace
} // namespace winnow::views
