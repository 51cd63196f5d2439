// SPDX-License-Identifier: GPL-3.0-or-later
// Difference, lane rows and the axis of distances in the maps: every pixel is what the arrays say, and every gesture means it.
#include "views/maps/map_grid.h"
#include "views/maps/map_plot.h"
#include "views/state/lane_choice.h"

#include "core/analysis/overlap.h"
#include "tests/support/synthetic_replay.h"

#include <QApplication>
#include <QMouseEvent>

#include <gtest/gtest.h>

#include <set>

namespace winnow::views {
namespace {

class MapViewsTest : public testing::Test {
protected:
    MapViewsTest()
    {
        data.info = test::syntheticInfo(options);
        data.replay = test::syntheticReplay(options);
        selection.setExtent(options.tokens, options.policies);
        selection.setReference(1);
        grid.resize(1200, 700);
        grid.setData(data);
        grid.show();
        settle();
    }
    void settle()
    {
        QApplication::processEvents();
        grid.finishPlanes();
    }
    const MapPanel& panel(int index) const { return grid.plot()->panel(index); }
    void click(int index, const QPointF& at)
    {
        for (const auto type : {QEvent::MouseButtonPress, QEvent::MouseButtonRelease}) {
            QMouseEvent event(type, at, grid.plot()->mapToGlobal(at), Qt::LeftButton,
                              type == QEvent::MouseButtonPress ? Qt::LeftButton : Qt::NoButton, {});
            QApplication::sendEvent(grid.plot(), &event);
        }
        (void)index;
    }
    const PolicyReplay& policy(int number) const { return *data.replay->policies[static_cast<std::size_t>(number)]; }

    const test::SyntheticOptions options{.tokens = 300, .layers = 2, .lanes = 3, .budget = 40, .policies = 4};
    ViewData data;
    Selection selection;
    MapGrid grid{&selection};
};

TEST_F(MapViewsTest, withDifferenceEveryPanelButTheReferencesShowsCells)
{
    selection.setDifference(true);
    settle();
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(panel(i).reference, i == 1 ? -1 : 1);
        const auto* cells = std::get_if<DifferencePlane>(&panel(i).planes->map);
        ASSERT_EQ(cells == nullptr, i == 1) << i;
        if (!cells)
            continue;
        const LanePairs pairs = pairsOf(data, selection.state(), i, 1);
        EXPECT_EQ(cells->cells, differencePlane(policy(i), policy(1), pairs, cells->raster).cells);
        const StepSpan steps = meanSteps(data, selection);
        EXPECT_EQ(panel(i).planes->numbers.jaccard, meanOverlap(policy(i), policy(1), pairs, steps).value());
    }
    selection.setReference(2);
    settle();
    EXPECT_EQ(panel(2).reference, -1);
    EXPECT_EQ(panel(1).reference, 2);
    selection.setDifference(false);
    settle();
    EXPECT_TRUE(std::holds_alternative<RetentionPlane>(panel(0).planes->map));
    EXPECT_FALSE(panel(0).planes->numbers.jaccard);
}

TEST_F(MapViewsTest, aPixelOfADifferenceHasTheColorOfWhoKeepsItsToken)
{
    selection.setLanes({{1, 2}});
    selection.setDifference(true);
    selection.setZoom({200, 260, 200, 300});
    selection.setFocus(3);
    settle();
    const QImage image = grid.plot()->grab().toImage();
    const MapGeometry& geometry = panel(0).geometry;
    const Theme& theme = Theme::darkTheme();
    std::set<QRgb> seen;
    for (int token = 202; token < 256; token += 3)
        for (int step = 205; step < 298; step += 4) {
            const QPoint at(static_cast<int>(geometry.x(token + 0.5)), static_cast<int>(geometry.y(step + 0.5)));
            if (token >= step - 1 || panel(0).plate.adjusted(-2, -2, 2, 2).contains(at))
                continue;
            const bool mine = policy(0).keeps(1, 2, token, step), theirs = policy(1).keeps(1, 2, token, step);
            const QRgb color =
                mine ? (theirs ? theme.differenceBoth : theme.differenceThis) : (theirs ? theme.differenceReference : theme.none);
            EXPECT_EQ(image.pixel(at), color) << token << " at " << step;
            seen.insert(color);
        }
    EXPECT_EQ(seen.size(), 4U);
}

TEST_F(MapViewsTest, maximizedItShowsThisTheDifferenceAndTheReference)
{
    selection.setFocus(3);
    grid.setMaximized(true);
    settle();
    EXPECT_EQ(grid.plot()->panelCount(), 1);
    selection.setDifference(true);
    settle();
    ASSERT_EQ(grid.plot()->panelCount(), 3);
    const std::pair<int, int> expected[] = {{3, -1}, {3, 1}, {1, -1}};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(std::pair(panel(i).policy, panel(i).reference), expected[i]);
    selection.setReference(3);
    settle();
    EXPECT_EQ(grid.plot()->panelCount(), 1) << "nothing can be set against itself";
}

TEST_F(MapViewsTest, laneRowsStandInOneColumnAndFollowTheStep)
{
    selection.setStep(150);
    selection.setRows(MapRows::Lanes);
    settle();
    ASSERT_EQ(grid.plot()->panelCount(), 4);
    for (int step : {150, 220}) {
        selection.setStep(step);
        for (int i = 0; i < 4; ++i) {
            EXPECT_EQ(panel(i).geometry.outer.left(), panel(0).geometry.outer.left());
            const PanelPlanes& planes = *panel(i).planes;
            ASSERT_EQ(planes.request.step, step) << "at once";
            ASSERT_EQ(planes.rows.size(), 6U) << "a row for every lane";
            const auto& plane = std::get<RetentionPlane>(planes.map);
            const RetentionRaster raster = plane.raster;
            for (int row = 0; row < 6; ++row)
                for (int column = 0; column < raster.columns; column += 17) {
                    const int token = raster.firstToken(column);
                    const std::uint8_t byte = plane.bytes[static_cast<std::size_t>(row) * raster.columns + column];
                    if (token > step)
                        EXPECT_EQ(byte, kUnborn);
                    else
                        EXPECT_EQ(byte % kByRule == 126, policy(i).keeps(row / 3, row % 3, token, step));
                }
            EXPECT_EQ(planes.rows[4].stored, policy(i).occupancy[policy(i).index(1, 1, step)]);
        }
    }
    EXPECT_NEAR(panel(0).geometry.map.height(), panel(3).geometry.map.height(), 1)
        << "the axis below the last takes nothing from it";
}

TEST_F(MapViewsTest, lanesThatHaveNoRoomAreJoinedByLayer)
{
    const test::SyntheticOptions many{.tokens = 100, .layers = 4, .lanes = 60, .budget = 16, .policies = 2};
    ViewData wide{test::syntheticInfo(many), nullptr, test::syntheticReplay(many), 100};
    selection.setExtent(100, 2);
    selection.setRows(MapRows::Lanes);
    grid.setData(wide);
    settle();
    EXPECT_EQ(panel(0).planes->rows.size(), 4U);
    selection.setLanes({{0, 3}, {2, 5}});
    settle();
    EXPECT_EQ(panel(0).planes->rows.size(), 2U);
    EXPECT_EQ(panel(0).planes->rows[1].head, 5);
}

TEST_F(MapViewsTest, laneRowsCanBeSetAgainstTheReference)
{
    selection.setStep(200);
    selection.setRows(MapRows::Lanes);
    selection.setDifference(true);
    settle();
    const PanelPlanes& planes = *panel(3).planes;
    const auto& plane = std::get<DifferencePlane>(planes.map);
    EXPECT_EQ(
        plane.cells,
        stepDifference(policy(3), policy(1), pairsOf(data, selection.state(), 3, 1), planes.rows, plane.raster, {}, 200).cells);
    EXPECT_TRUE(std::holds_alternative<RetentionPlane>(panel(1).planes->map));
}

TEST_F(MapViewsTest, aClickOnALaneRowChoosesTheTokenAndLeavesTheStep)
{
    selection.setStep(150);
    selection.setRows(MapRows::Lanes);
    settle();
    const MapGeometry& geometry = panel(2).geometry;
    click(2, {geometry.x(60.5), geometry.map.center().y() * 1.0});
    EXPECT_EQ(selection.state().token, 60);
    EXPECT_EQ(selection.state().step, 150);
    EXPECT_EQ(selection.state().focus, 2);
}

TEST_F(MapViewsTest, onTheAxisOfDistancesNowIsAtTheRightAndATokenDriftsToTheLeft)
{
    selection.setAxis(MapAxis::Distance);
    settle();
    const MapPanel& one = panel(0);
    ASSERT_TRUE(one.geometry.distance);
    EXPECT_EQ(one.geometry.distance->unit, 16);
    const QRect& map = one.geometry.map;
    EXPECT_NEAR(one.geometry.xAt(251, 250), map.left() + map.width(), 1e-9) << "now";
    EXPECT_LT(one.geometry.xAt(100, 290), one.geometry.xAt(100, 200));
    for (const auto& [token, step] : {std::pair(100, 200), {3, 299}, {250, 251}}) {
        const QPointF middle((one.geometry.xAt(token, step) + one.geometry.xAt(token + 1, step)) / 2, one.geometry.y(step + 0.5));
        EXPECT_EQ(static_cast<int>(std::floor(one.geometry.tokenAt(middle))), token);
        click(0, middle);
        EXPECT_EQ(selection.state().token, token);
        EXPECT_EQ(selection.state().step, step);
    }
    const auto& plane = std::get<RetentionPlane>(one.planes->map);
    DistanceAxis axis = *one.geometry.distance;
    axis.columns = plane.raster.columns;
    EXPECT_EQ(plane.bytes, distancePlane(policy(0), lanesOf(data, selection.state(), 0), axis, plane.raster).bytes);
    selection.setDifference(true);
    settle();
    EXPECT_TRUE(std::holds_alternative<DifferencePlane>(panel(0).planes->map));
}

TEST_F(MapViewsTest, whatIsNotComputedIsHatchedInEveryView)
{
    test::SyntheticOptions part = options;
    part.stepsDone = 120;
    data.replay = test::syntheticReplay(part);
    selection.setStep(200);
    grid.setData(data);
    for (const MapRows rows : {MapRows::Steps, MapRows::Lanes})
        for (const bool difference : {false, true}) {
            selection.setRows(rows);
            selection.setDifference(difference);
            settle();
            const QImage image = grid.plot()->grab().toImage();
            const MapGeometry& geometry = panel(0).geometry;
            const int y = static_cast<int>(rows == MapRows::Lanes ? geometry.map.center().y() : geometry.y(220));
            std::set<QRgb> seen;
            for (int x = geometry.map.left() + 4; x < geometry.x(150); ++x)
                seen.insert(image.pixel(x, y));
            const Theme& theme = Theme::darkTheme();
            for (const QRgb kept : {theme.choice.back(), theme.rule.back(), theme.differenceBoth, theme.none})
                EXPECT_FALSE(seen.contains(kept));
            EXPECT_GT(seen.size(), 1U) << "lines on the page";
        }
}

TEST_F(MapViewsTest, tokensThatTheFocusAndTheReferencePartAtAreOutlinedAtTheStep)
{
    selection.setFocus(2);
    selection.setDifference(true);
    const LanePairs pairs = pairsOf(data, selection.state(), 2, 1);
    const auto step = nextDivergence(policy(2), policy(1), pairs, 100, 1);
    ASSERT_TRUE(step);
    selection.setStep(*step);
    settle();
    const int token = divergingTokens(policy(2), policy(1), pairs, *step, 8, *step).back();
    const MapGeometry& geometry = panel(2).geometry;
    const int left = static_cast<int>(std::floor(geometry.x(token + 0.5) - std::max(2.5, geometry.tokenWidth() / 2)));
    const int above = static_cast<int>(std::floor(geometry.y(*step + 0.5))) - 3;
    const QRgb ink = Theme::darkTheme().ink.rgb();
    EXPECT_EQ(grid.plot()->toPixmap().toImage().pixel(left, above), ink) << "the left side of a box around token " << token;
    selection.setDifference(false);
    settle();
    EXPECT_NE(grid.plot()->toPixmap().toImage().pixel(left, above), ink);
}

TEST_F(MapViewsTest, outlinesOfManyTokensAreNoSolidField)
{
    constexpr int kStep = 150;
    auto replay = std::make_shared<ReplayResult>(*data.replay);
    auto one = std::make_shared<PolicyReplay>(*replay->policies[2]);
    for (int layer = 0; layer < one->layers; ++layer)
        for (int lane = 0; lane < one->lanes; ++lane)
            for (int token = 20; token < 120; ++token)
                one->evictStep[one->index(layer, lane, token)] = kStep;
    replay->policies[2] = one;
    data.replay = replay;
    grid.setData(data);
    selection.setFocus(2);
    selection.setDifference(true);
    selection.setStep(kStep);
    settle();
    const MapGeometry& geometry = panel(2).geometry;
    const int y = static_cast<int>(std::floor(geometry.y(kStep + 0.5))) - 3; // above the step line, inside the boxes
    const QImage image = grid.plot()->toPixmap().toImage();
    int ink = 0, all = 0;
    for (int x = geometry.map.left(); x < geometry.x(kStep); ++x, ++all)
        ink += image.pixel(x, y) == Theme::darkTheme().ink.rgb();
    EXPECT_GT(ink, 0);
    EXPECT_LT(ink, all / 3);
}

} // namespace
} // namespace winnow::views
