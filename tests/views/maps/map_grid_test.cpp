// SPDX-License-Identifier: GPL-3.0-or-later
// Retention maps in the window: shape of the grid, pixel ↔ token and step, colors, every gesture.
#include "views/maps/map_grid.h"
#include "views/maps/map_plot.h"
#include "views/style/panel_band.h"

#include "tests/support/synthetic_replay.h"

#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

ViewData synthetic(const test::SyntheticOptions& options)
{
    ViewData data;
    data.info = test::syntheticInfo(options);
    data.replay = test::syntheticReplay(options);
    return data;
}

class MapGridTest : public testing::Test {
protected:
    MapGridTest()
    {
        selection.setExtent(options.tokens, options.policies);
        grid.resize(860, 462);
        grid.setData(synthetic(options));
        grid.show();
        QApplication::processEvents();
        grid.finishPlanes();
    }
    const MapGeometry& geometry(int panel = 0) const { return grid.plot()->panel(panel).geometry; }
    QPointF pixelOf(int panel, double token, double step) const { return {geometry(panel).x(token), geometry(panel).y(step)}; }
    void mouse(QEvent::Type type, const QPointF& at, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers keys = {})
    {
        const Qt::MouseButtons down = type == QEvent::MouseButtonRelease || (type == QEvent::MouseMove && button == Qt::NoButton)
                                          ? Qt::MouseButtons()
                                          : Qt::MouseButtons(button);
        QMouseEvent event(type, at, grid.plot()->mapToGlobal(at), type == QEvent::MouseMove ? Qt::NoButton : button, down, keys);
        QApplication::sendEvent(grid.plot(), &event);
    }
    void drag(const QPointF& from, const QPointF& to, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers keys = {})
    {
        mouse(QEvent::MouseButtonPress, from, button, keys);
        mouse(QEvent::MouseMove, (from + to) / 2, button, keys);
        mouse(QEvent::MouseMove, to, button, keys);
        mouse(QEvent::MouseButtonRelease, to, button, keys);
    }
    void wheel(const QPointF& at, int turns)
    {
        QWheelEvent event(at, grid.plot()->mapToGlobal(at), {}, {0, 120 * turns}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QApplication::sendEvent(grid.plot(), &event);
    }
    const test::SyntheticOptions options{.tokens = 2048, .layers = 2, .lanes = 2, .budget = 128, .policies = 6};
    Selection selection;
    MapGrid grid{&selection};
};

TEST(MapGridShape, followsTheNumberOfPanelsAndTheRoom)
{
    const std::pair<int, QSize> wide[] = {{0, {0, 0}}, {1, {1, 1}}, {2, {2, 1}}, {3, {3, 1}}, {4, {2, 2}},  {5, {3, 2}},
                                          {6, {3, 2}}, {7, {4, 2}}, {8, {4, 2}}, {9, {4, 3}}, {12, {4, 3}}, {17, {4, 5}}};
    for (const auto& [panels, shape] : wide)
        EXPECT_EQ(mapGridShape(panels, 860), shape) << panels;
    EXPECT_EQ(mapGridShape(6, 400), QSize(2, 3)) << "a panel is at least 180 wide";
}

TEST_F(MapGridTest, showsARowOfPanelsWithItsAxesWhereAllHaveToScroll)
{
    setFontScale(2);
    for (const int room : {120, 150, 195, 225, 300}) {
        grid.resize(860, room);
        EXPECT_EQ(grid.plot()->minimumHeight(), 2 * std::clamp(room, 150, 225)) << room;
    }
    grid.resize(860, 450);
    EXPECT_EQ(grid.plot()->minimumHeight(), 1) << "nothing scrolls";
    setFontScale(1);
}

TEST_F(MapGridTest, hasAPanelPerVisiblePolicyWithTheFixedMargins)
{
    ASSERT_EQ(grid.plot()->panelCount(), 6);
    for (int i = 0; i < 6; ++i) {
        const MapGeometry& g = geometry(i);
        EXPECT_EQ(g.map.left() - g.outer.left(), 64);
        EXPECT_EQ(g.outer.right() - g.map.right(), 8);
        EXPECT_EQ(g.map.top() - g.outer.top(), 6);
        EXPECT_EQ(g.outer.bottom() - g.map.bottom(), 22);
        EXPECT_GE(g.outer.width(), 180);
        EXPECT_GE(g.outer.height(), 150);
    }
    selection.setHidden(2, true);
    ASSERT_EQ(grid.plot()->panelCount(), 5);
    EXPECT_EQ(grid.plot()->panel(2).policy, 3);
}

TEST_F(MapGridTest, saysInsideThePanelWhatIsWrongAndOffersToMendIt)
{
    grid.setPanelState(2, {.problem = QStringLiteral("'snapkv' acts at the end of the prompt; give --prompt")});
    const auto bands = grid.findChildren<PanelBand*>();
    const auto shown = std::find_if(bands.begin(), bands.end(), [](const PanelBand* band) { return !band->isHidden(); });
    ASSERT_NE(shown, bands.end());
    EXPECT_TRUE(geometry(2).outer.contains((*shown)->geometry()));
    int removed = -1;
    QObject::connect(&grid, &MapGrid::removalWanted, [&](int policy) { removed = policy; });
    const auto buttons = (*shown)->findChildren<QPushButton*>();
    ASSERT_EQ(buttons.size(), 2);
    buttons.back()->click();
    EXPECT_EQ(removed, 2);
    selection.setHidden(2, true);
    EXPECT_TRUE((*shown)->isHidden()) << "nobody sees that policy";
}

TEST_F(MapGridTest, aPlateStandsInTheTriangleWithSlotsAndMassEvenInASmallPanel)
{
    grid.resize(600, 320);
    grid.finishPlanes();
    grid.plot()->grab();
    const double threeLines = QFontMetricsF(uiFont(11, true)).height() + 2 * QFontMetricsF(uiFont(11)).height();
    for (int panel = 0; panel < 6; ++panel)
        EXPECT_GE(grid.plot()->panel(panel).plate.height(), threeLines - 0.5) << "panel " << panel;
}

TEST_F(MapGridTest, thePlateOfARunWithALongNameKeepsItsNumbers)
{
    ViewData data = synthetic(options);
    auto result = std::make_shared<ReplayResult>(*data.replay);
    result->policies[5] = test::asRun(*result->policies[0], 2);
    data.replay = result;
    grid.setData(data);
    grid.resize(600, 320);
    grid.finishPlanes();
    grid.plot()->grab();
    const double threeLines = QFontMetricsF(uiFont(11, true)).height() + 2 * QFontMetricsF(uiFont(11)).height();
    EXPECT_GE(grid.plot()->panel(5).plate.height(), threeLines - 0.5);
}

TEST_F(MapGridTest, pixelsAndTokensAndStepsMapBothWays)
{
    for (const Zoom& zoom : {Zoom{}, Zoom{100, 130, 120, 220}, Zoom{0.5, 700.25, 3.75, 2000}}) {
        selection.setZoom(zoom);
        const MapGeometry& g = geometry(4);
        for (int token = 0; token < 2048; token += 17) {
            EXPECT_NEAR(g.token(g.x(token)), token, 1e-9);
            EXPECT_NEAR(g.stepAt(g.y(token)), token, 1e-9);
        }
        EXPECT_NEAR(g.x(g.zoom.tokenBegin), g.map.left(), 1e-9);
        EXPECT_NEAR(g.y(g.zoom.stepEnd), g.map.top() + g.map.height(), 1e-9) << "steps run downward";
    }
}

TEST_F(MapGridTest, aPixelHasTheColorOfItsStoredRule)
{
    selection.setLanes({{0, 0}});
    selection.setZoom({1000, 1050, 1040, 1080});
    selection.setStep(0);
    grid.plot()->setMarksShown(false);
    grid.finishPlanes();
    const QImage image = grid.plot()->grab().toImage();
    const Theme& theme = Theme::darkTheme();
    int looked = 0;
    for (int panel = 0; panel < 6; ++panel) {
        const PolicyReplay& policy = grid.plot()->panel(panel).planes->policy();
        for (int step = 1050; step < 1079; ++step) // below the plate
            for (int token = 1001; token < 1049; ++token) {
                const QPointF at = pixelOf(panel, token + 0.5, step + 0.5);
                const bool byRule = policy.byRule(token, step) || step < policy.choosesFrom;
                const QRgb expected = token > step                       ? theme.page.rgb()
                                      : !policy.keeps(0, 0, token, step) ? theme.none
                                      : byRule                           ? theme.rule.back()
                                                                         : theme.choice.back();
                if (grid.plot()->panel(panel).plate.adjusted(-2, -2, 2, 2).contains(at) || step == token || step + 1 == token)
                    continue; // the plate and the birth line lie over the picture
                ASSERT_EQ(image.pixel(at.toPoint()), expected) << "policy " << panel << " token " << token << " step " << step;
                ++looked;
            }
    }
    EXPECT_GT(looked, 5000);
}

TEST_F(MapGridTest, ticksAtTheFootOfEveryMapStandForTheTokensThatCarryTheBrush)
{
    selection.setZoom({1000, 1050, 1040, 1080});
    selection.setStep(0);
    const std::vector<int> carriers{1005, 1010, 1011};
    selection.setCarriers(carriers);
    grid.finishPlanes();
    const QImage image = grid.plot()->grab().toImage();
    for (int panel = 0; panel < 6; ++panel)
        for (int token = 1001; token < 1049; ++token) {
            const QPointF foot(pixelOf(panel, token + 0.5, 0).x(), geometry(panel).area().bottom() - 3);
            EXPECT_EQ(image.pixel(foot.toPoint()) == Theme::darkTheme().differenceThis, std::ranges::count(carriers, token) > 0)
                << "policy " << panel << " token " << token;
        }
}

TEST_F(MapGridTest, theLinesOfTheTokenAndTheBrushLeaveOutTheWordsThatTheyMeet)
{
    ViewData data = synthetic(options);
    auto replay = std::make_shared<ReplayResult>(*data.replay);
    replay->prompt = 1024;
    data.replay = replay;
    grid.setData(data);
    grid.finishPlanes();
    grid.plot()->grab();
    ASSERT_EQ(grid.plot()->panel(0).words.size(), 1U) << "the end of the prompt";
    const QRectF word = grid.plot()->panel(0).words.front();
    const MapGeometry& place = geometry();
    int token = 0;
    while (place.xAt(token + 0.5, place.now) < word.center().x())
        ++token;
    selection.setToken(token);
    QImage image = grid.plot()->grab().toImage();
    const int x = static_cast<int>(std::floor(place.xAt(token + 0.5, place.now)));
    const auto inked = [&](double from, double to) {
        int pixels = 0;
        for (int y = static_cast<int>(from); y < static_cast<int>(to); ++y)
            for (int near = x - 1; near <= x + 1; ++near)
                pixels += qGray(image.pixel(near, y)) > 180 ? 1 : 0; // the words are muted
        return pixels;
    };
    EXPECT_EQ(inked(word.top() + 1, word.bottom() - 1), 0);
    EXPECT_GT(inked(word.bottom() + 2, place.area().bottom()), 10) << "a dashed line";
    selection.setToken({});
    selection.setTokenRange(Range{token, token + 20});
    image = grid.plot()->grab().toImage();
    EXPECT_EQ(inked(word.top() + 1, word.bottom() - 1), 0) << "nor does an edge of the brush strike them through";
    EXPECT_GT(inked(word.bottom() + 2, place.area().bottom()), 10);
}

TEST_F(MapGridTest, moveHoversAndClickChoosesTokenStepAndFocus)
{
    const QPointF at = pixelOf(3, 500.5, 900.5);
    mouse(QEvent::MouseMove, at, Qt::NoButton);
    const double slack = 2048.0 / geometry().map.width() + 1;
    ASSERT_TRUE(selection.hoverToken() && selection.hoverStep());
    EXPECT_NEAR(*selection.hoverToken(), 500, slack);
    EXPECT_NEAR(*selection.hoverStep(), 900, slack);
    EXPECT_FALSE(selection.state().token) << "hover is not selection";
    drag(at, at + QPointF(2, 1)); // under 4 px is a click
    EXPECT_NEAR(selection.state().token.value_or(-1), 500, 2 * slack);
    EXPECT_NEAR(selection.state().step, 900, 2 * slack);
    EXPECT_EQ(selection.state().focus, 3);
    EXPECT_FALSE(selection.state().tokenRange);
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(grid.plot(), &leave);
    EXPECT_FALSE(selection.hoverToken());
}

TEST_F(MapGridTest, aClickInTheGutterChoosesTheSinkUnderIt)
{
    const QRectF gutter = geometry(1).gutter();
    EXPECT_EQ(gutter.width(), 20);
    const QPointF at(gutter.left() + 2.5 * MapGeometry::kSinkWidth, gutter.center().y());
    drag(at, at);
    EXPECT_EQ(selection.state().token, 2);
}

TEST_F(MapGridTest, dragBrushesTokensAndItsEdgesCanBeDragged)
{
    selection.setZoom({900, 1000, 950, 1100});
    drag(pixelOf(2, 920.5, 1000), pixelOf(2, 940.5, 1050));
    EXPECT_EQ(selection.state().tokenRange, (Range{920, 941}));
    drag(pixelOf(0, 941, 1000), pixelOf(0, 960.5, 1000));
    EXPECT_EQ(selection.state().tokenRange, (Range{920, 961}));
    drag(pixelOf(0, 920, 1000), pixelOf(0, 930.5, 1000));
    EXPECT_EQ(selection.state().tokenRange, (Range{930, 961}));
    EXPECT_FALSE(selection.state().token) << "dragging an edge is no click";
}

TEST_F(MapGridTest, shiftDragZoomsToTheRectangleAndDoubleClickFits)
{
    drag(pixelOf(1, 400, 600), pixelOf(1, 1200, 1600), Qt::LeftButton, Qt::ShiftModifier);
    const Zoom& zoom = selection.state().zoom;
    EXPECT_NEAR(zoom.tokenBegin, 400, 1e-6);
    EXPECT_NEAR(zoom.tokenEnd, 1200, 1e-6);
    EXPECT_NEAR(zoom.stepBegin, 600, 1e-6);
    EXPECT_NEAR(zoom.stepEnd, 1600, 1e-6);
    mouse(QEvent::MouseButtonDblClick, pixelOf(0, 800, 1000));
    EXPECT_TRUE(selection.state().zoom.isEmpty());
}

TEST_F(MapGridTest, theWheelZoomsAtThePointerAndOverAnAxisOnlyThatAxis)
{
    const QPointF at = pixelOf(0, 700, 1500);
    wheel(at, 3);
    EXPECT_NEAR(geometry(0).token(at.x()), 700, 1e-6);
    EXPECT_NEAR(geometry(0).stepAt(at.y()), 1500, 1e-6);
    const Zoom before = selection.state().zoom;
    wheel({at.x(), geometry(0).map.top() + geometry(0).map.height() + 10.0}, 1);
    EXPECT_EQ(selection.state().zoom.stepBegin, before.stepBegin);
    EXPECT_LT(selection.state().zoom.tokenEnd - selection.state().zoom.tokenBegin, before.tokenEnd - before.tokenBegin);
    const Zoom after = selection.state().zoom;
    wheel({geometry(0).map.left() - 30.0, at.y()}, 1);
    EXPECT_EQ(selection.state().zoom.tokenBegin, after.tokenBegin);
    EXPECT_LT(selection.state().zoom.stepEnd - selection.state().zoom.stepBegin, after.stepEnd - after.stepBegin);
    wheel(at, -60);
    EXPECT_TRUE(selection.state().zoom.isEmpty()) << "everything is shown again";
}

TEST_F(MapGridTest, middleDragPansAsFarAsTheTextReaches)
{
    selection.setZoom({500, 1000, 800, 1600});
    const MapGeometry g = geometry(0);
    drag(pixelOf(0, 700, 1000), pixelOf(0, 600, 1100), Qt::MiddleButton);
    EXPECT_NEAR(selection.state().zoom.tokenBegin, 600, 2 / g.tokenWidth());
    EXPECT_NEAR(selection.state().zoom.stepBegin, 700, 2 / g.stepHeight());
    drag(QPointF(g.map.left() + 5, g.map.center().y()), QPointF(g.map.left() + 5 + 20000, g.map.center().y()), Qt::MiddleButton);
    EXPECT_EQ(selection.state().zoom.tokenBegin, 0);
}

TEST_F(MapGridTest, fitFollowsTheBrushAndThenShowsAll)
{
    selection.setTokenRange(Range{1000, 1100});
    grid.fit();
    EXPECT_LE(selection.state().zoom.tokenBegin, 1000);
    EXPECT_GE(selection.state().zoom.tokenEnd, 1100);
    EXPECT_LT(selection.state().zoom.tokenEnd - selection.state().zoom.tokenBegin, 130);
    grid.fit();
    EXPECT_TRUE(selection.state().zoom.isEmpty());
}

TEST_F(MapGridTest, maximizingShowsTheFocusAloneAndFollowsIt)
{
    selection.setFocus(3);
    grid.setMaximized(true);
    ASSERT_EQ(grid.plot()->panelCount(), 1);
    EXPECT_EQ(grid.plot()->panel(0).policy, 3);
    selection.setFocus(1);
    EXPECT_EQ(grid.plot()->panel(0).policy, 1);
    grid.setMaximized(false);
    EXPECT_EQ(grid.plot()->panelCount(), 6);
}

TEST_F(MapGridTest, aPartialReplayIsHatchedAndGrowsInPlace)
{
    auto partial = options;
    partial.stepsDone = 700;
    grid.setData(synthetic(partial));
    ASSERT_TRUE(grid.plot()->panel(0).planes) << "the old picture stands until the new one is there";
    grid.finishPlanes();
    EXPECT_EQ(grid.plot()->panel(0).planes->policy().stepsDone, 700);
    grid.plot()->setMarksShown(false);
    const QImage image = grid.plot()->grab().toImage();
    int hatched = 0;
    for (int x = geometry(0).map.left(); x < geometry(0).map.right(); ++x)
        hatched += image.pixel(x, static_cast<int>(geometry(0).y(1500))) != Theme::darkTheme().page.rgb();
    EXPECT_GT(hatched, geometry(0).map.width() / 10);
    EXPECT_LT(hatched, geometry(0).map.width() / 2);
}

TEST_F(MapGridTest, tellsHowManyTokensAPixelShows)
{
    QSignalSpy spy(&grid, &MapGrid::reductionChanged);
    selection.setZoom({0, geometry(0).map.width() * 2.0, 0, 2048});
    ASSERT_EQ(spy.count(), 1);
    EXPECT_EQ(spy[0][0].toInt(), 2);
    selection.setZoom({0, 50, 0, 2048});
    EXPECT_EQ(spy.last()[0].toInt(), 1);
}

TEST_F(MapGridTest, hasNoPanelsAndSaysWhyWithoutAReplay)
{
    grid.setData({});
    EXPECT_EQ(grid.plot()->panelCount(), 0);
    grid.grab();
    selection.setStep(3);
    mouse(QEvent::MouseMove, {100, 100}, Qt::NoButton);
    EXPECT_FALSE(selection.hoverToken());
}

} // namespace
} // namespace winnow::views
