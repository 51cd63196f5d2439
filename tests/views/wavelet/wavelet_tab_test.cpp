// SPDX-License-Identifier: GPL-3.0-or-later
// The Wavelet tab: the same tokens as everywhere else, what a brush holds, comparisons, and what it exports.
#include "tests/support/large_font.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"
#include "views/chrome/lower_dock.h"
#include "views/paper/save_figure.h"
#include "views/state/selection.h"
#include "views/wavelet/scale_matrix_view.h"
#include "views/wavelet/wavelet_tab.h"

#include <QApplication>
#include <QKeyEvent>
#include <QTest>

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace winnow::views {
namespace {

constexpr int kTokens = 220, kStep = 199;

struct Shown {
    testing_support::TemporaryFolder folder;
    Selection selection;
    WaveletTab tab{&selection};
    ViewData data;
    explicit Shown(bool withReplay = false)
    {
        const auto synthetic = testing_support::makeSynthetic({.tokens = kTokens});
        data.trace = testing_support::openSynthetic(synthetic, folder);
        data.info = std::make_shared<TraceInfo>(synthetic.info);
        if (withReplay) {
            auto replay = std::make_shared<ReplayResult>(
                *test::syntheticReplay({.tokens = kTokens, .layers = 2, .lanes = 2, .budget = 24, .policies = 3}));
            replay->tokenIds = synthetic.info.tokens;
            replay->layers = synthetic.info.layers;
            data.replay = replay;
        }
        selection.setExtent(kTokens, withReplay ? 3 : 0);
        selection.setStep(kStep);
        tab.resize(980, 360);
        tab.show();
        tab.setData(data);
        tab.finish();
    }
    QPoint pixel(double token, double row) const
    {
        const StackGeometry stack = tab.pane()->stack();
        return QPointF(stack.x(token), stack.rowTop(0) + row * stack.rowHeight()).toPoint();
    }
    void drag(double fromToken, double toToken, double row)
    {
        QTest::mousePress(tab.pane(), Qt::LeftButton, {}, pixel(fromToken, row));
        QTest::mouseMove(tab.pane(), pixel(toToken, row));
        QTest::mouseRelease(tab.pane(), Qt::LeftButton, {}, pixel(toToken, row));
    }
};

TEST(WaveletTab, showsTheBandsOfTheStepOnTheMapsAxis)
{
    Shown shown;
    ASSERT_TRUE(shown.tab.shown());
    EXPECT_EQ(shown.tab.shown()->step(), kStep);
    EXPECT_EQ(shown.tab.shown()->positions(), kStep + 1);
    EXPECT_EQ(shown.tab.pane()->stack().tokenBegin, 0);
    EXPECT_EQ(shown.tab.pane()->stack().tokenEnd, kTokens);
    ASSERT_EQ(shown.tab.pane()->rows().size(), 7U) << "signal, five levels, the rest";
    EXPECT_EQ(shown.tab.pane()->rows()[3].scale, QStringLiteral("8–16"));
    shown.selection.setZoom({20, 60, 0, kTokens});
    EXPECT_EQ(shown.tab.pane()->stack().tokenBegin, 20);
    EXPECT_EQ(shown.tab.pane()->stack().tokenEnd, 60);
}

TEST(WaveletTab, aClickGivesItTheFocusAndLeavesTheArrowsToTheWindow)
{
    Shown shown;
    shown.tab.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&shown.tab));
    QTest::mouseClick(shown.tab.pane(), Qt::LeftButton, {}, shown.pixel(80.5, 2.5));
    EXPECT_TRUE(shown.tab.pane()->hasFocus()) << "what is exported or copied is this picture";
    const auto takesArrow = [&] {
        QKeyEvent right(QEvent::ShortcutOverride, Qt::Key_Right, Qt::NoModifier);
        return QApplication::sendEvent(shown.tab.pane(), &right) && right.isAccepted();
    };
    EXPECT_FALSE(takesArrow()) << "it moves the step, as everywhere";
    shown.tab.pane()->clearFocus();
    shown.tab.pane()->setFocus(Qt::TabFocusReason);
    EXPECT_TRUE(takesArrow()) << "its own cursor, for who came by the keyboard";
}

TEST(WaveletTab, leavesAirAtTheRightOfTheDistances)
{
    for (const double scale : {1.0, 2.0}) {
        const testing_support::LargeFont font(scale);
        Shown shown;
        auto* matrix = shown.tab.findChild<ScaleMatrixView*>();
        ASSERT_NE(matrix, nullptr);
        const QImage picture = matrix->grab().toImage();
        const QRgb ground = picture.pixel(picture.width() - 1, 0);
        for (int x = picture.width() - 3; x < picture.width(); ++x)
            for (int y = 0; y < picture.height(); ++y)
                ASSERT_EQ(picture.pixel(x, y), ground) << x << ", " << y << " at " << scale;
    }
}

TEST(WaveletTab, aDragAcrossARowMarksItsTokensAndTheRow)
{
    Shown shown;
    shown.drag(60.5, 99.5, 3.5);
    EXPECT_EQ(shown.selection.state().tokenRange, (Range{60, 100}));
    EXPECT_EQ(shown.tab.pane()->markedRow(), 3);
}

TEST(WaveletTab, marksTheTokensThatCarryTheBrushedBandInEveryView)
{
    Shown shown;
    shown.drag(60.5, 99.5, 3.5);
    const auto wanted = shown.tab.shown()->brush->carriers(2, 60, 100, 0.5);
    ASSERT_FALSE(wanted.empty());
    EXPECT_LT(wanted.size(), 40U);
    EXPECT_EQ(shown.selection.carriers(), wanted);
    shown.selection.setTokenRange(Range{100, 160}); // brushed in another view
    EXPECT_EQ(shown.selection.carriers(), shown.tab.shown()->brush->carriers(2, 100, 160, 0.5));
    shown.tab.hide();
    EXPECT_TRUE(shown.selection.carriers().empty()) << "what is not seen marks nothing";
    shown.tab.show();
    EXPECT_FALSE(shown.selection.carriers().empty());
    shown.selection.setTokenRange({});
    EXPECT_TRUE(shown.selection.carriers().empty());
}

TEST(WaveletTab, aRegionOfTheScalogramMarksTheTokensThatCarryItsPeriods)
{
    Shown shown;
    shown.tab.controls()->setMethod({.transform = BandTransform::Continuous});
    shown.tab.finish();
    WaveletPane* pane = shown.tab.pane();
    const ScalogramGeometry down = pane->scalogram();
    const auto at = [&](double token, double period) { return QPointF(down.across().x(token), down.y(period)).toPoint(); };
    QTest::mousePress(pane, Qt::LeftButton, {}, at(60.5, 8));
    QTest::mouseMove(pane, at(119.5, 16));
    QTest::mouseRelease(pane, Qt::LeftButton, {}, at(119.5, 16));
    EXPECT_EQ(shown.selection.state().tokenRange, (Range{60, 120}));
    ASSERT_TRUE(pane->periods());
    EXPECT_NEAR(pane->periods()->first, 8, 0.3); // a pixel
    EXPECT_NEAR(pane->periods()->second, 16, 0.6);
    const TokenScalogram& power = *shown.tab.shown()->scalogram;
    const auto wanted = carriers(power, pane->periods()->first, pane->periods()->second, 60, 120, 0.5);
    ASSERT_FALSE(wanted.empty());
    EXPECT_EQ(shown.selection.carriers(), wanted);
    EXPECT_NE(wanted, carriers(power, power.period.front(), power.period.back(), 60, 120, 0.5)) << "the periods count";
    EXPECT_TRUE(pane->carrierWords().contains(QStringLiteral("of 60 tokens"))) << pane->carrierWords().toStdString();

    shown.selection.setTokenRange(Range{70, 90}); // from the text: the periods that hold half of its power are marked
    EXPECT_FALSE(pane->periods());
    EXPECT_EQ(pane->brush().markedPeriods(), strongestPeriods(power, powerInRange(power, 70, 90), 0.5));
    EXPECT_EQ(shown.selection.carriers(),
              carriers(power, pane->brush().markedPeriods()->first, pane->brush().markedPeriods()->second, 70, 90, 0.5));

    QTest::keyClick(pane, Qt::Key_Up);
    QTest::keyClick(pane, Qt::Key_Up, Qt::ShiftModifier);
    EXPECT_EQ(pane->periods(), (std::pair{power.period[power.scales - 2], power.period[power.scales - 1]}));
}

TEST(WaveletTab, tellsWhatARangeChosenElsewhereHoldsOfEveryBand)
{
    Shown shown;
    const WaveletPicture& picture = *shown.tab.shown();
    const auto rows = bandRows(picture);
    const std::vector<double> shares = energyInRange(picture, rows, 40, 90);
    ASSERT_EQ(shares.size(), 7U);
    EXPECT_TRUE(std::isnan(shares[0])) << "the signal is no band";
    double all = 0;
    for (int level = 0; level <= 5; ++level)
        for (int i = 40; i < 90; ++i)
            all += picture.bands->powerOf(level)[i];
    for (int level = 0; level <= 5; ++level) {
        double sum = 0;
        for (int i = 40; i < 90; ++i)
            sum += picture.bands->powerOf(level)[i];
        EXPECT_NEAR(shares[level + 1], sum / all, 1e-9) << "band " << level;
    }
    EXPECT_TRUE(energyInRange(picture, rows, kStep + 1, kTokens).empty()) << "not read yet";
    shown.tab.pane()->setMarkedRow(2);
    shown.selection.setTokenRange(Range{40, 90});
    EXPECT_TRUE(shown.tab.pane()->sentence().contains(QStringLiteral("tokens 40 to 89")))
        << shown.tab.pane()->sentence().toStdString();
}

TEST(WaveletTab, aCellOfTheMatrixIsARangeOfTokensAndALevel)
{
    Shown shown;
    ScaleMatrixView* matrix = shown.tab.matrix();
    ASSERT_FALSE(matrix->octaves().empty());
    const int octave = matrix->octaves().back();
    QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cellRect({1, octave}).center().toPoint());
    const auto& edges = shown.tab.shown()->matrix.edges;
    EXPECT_EQ(shown.selection.state().tokenRange, (Range{kStep - edges[octave + 1] + 1, kStep - edges[octave] + 1}));
    EXPECT_EQ(shown.tab.pane()->markedRow(), 2) << "level 2, below the signal and level 1";
}

TEST(WaveletTab, rowsOfTheMatrixStandBesideThoseOfTheBands)
{
    Shown shown;
    const StackGeometry stack = shown.tab.pane()->stack();
    for (int level = 0; level <= 5; ++level)
        EXPECT_NEAR(shown.tab.matrix()->cellRect({level, shown.tab.matrix()->octaves().front()}).top(), stack.rowTop(level + 1),
                    1e-9);
}

TEST(WaveletTab, keysMoveTheCursorBrushAndChooseARow)
{
    Shown shown;
    shown.selection.setToken(50);
    QTest::keyClick(shown.tab.pane(), Qt::Key_Right);
    EXPECT_EQ(shown.selection.state().token, 51);
    QTest::keyClick(shown.tab.pane(), Qt::Key_Right, Qt::ShiftModifier);
    QTest::keyClick(shown.tab.pane(), Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_EQ(shown.selection.state().tokenRange, (Range{51, 54}));
    QTest::keyClick(shown.tab.pane(), Qt::Key_Down);
    QTest::keyClick(shown.tab.pane(), Qt::Key_Down);
    EXPECT_EQ(shown.tab.pane()->markedRow(), 1);
}

TEST(WaveletTab, showsPicturesWhileTheStepMovesAndEndsAtTheNewest)
{
    Shown shown;
    for (int step = 160; step < 170; ++step)
        shown.selection.setStep(step);
    EXPECT_EQ(shown.tab.shown()->step(), kStep);
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.tab.shown()->step() == 169; }, 20000));
}

TEST(WaveletTab, makesTreeKvFigure2AtOneClick)
{
    Shown shown;
    shown.tab.setPaperFigure(true);
    shown.tab.finish();
    EXPECT_EQ(shown.tab.shown()->step(), kTokens - 1);
    EXPECT_NE(shown.tab.shown()->bands->note, "");
    EXPECT_EQ(shown.tab.currentFigure()->name, "treekv-2");
    shown.tab.setPaperFigure(false);
    shown.tab.finish();
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()), (std::vector<std::string>{"wavelet", "--step", "199"}));
}

TEST(WaveletTab, averagesTheQueryHeadsOfTheChosenLanes)
{
    Shown shown;
    EXPECT_EQ(shown.tab.shown()->bands->heads, 8);
    shown.selection.setLanes({{1, 0}});
    shown.tab.finish();
    EXPECT_EQ(shown.tab.shown()->bands->heads, 2);
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()),
              (std::vector<std::string>{"wavelet", "--step", "199", "--lanes", "1.0"}));
}

TEST(WaveletTab, showsEveryTransformOfTheCatalog)
{
    Shown shown;
    for (const TransformInfo& info : transformCatalog()) {
        shown.tab.controls()->setMethod({.transform = info.transform, .levels = 4});
        shown.tab.finish();
        ASSERT_TRUE(shown.tab.shown()) << info.name;
        EXPECT_EQ(shown.tab.shown()->choice.transform, info.transform);
        EXPECT_EQ(shown.tab.shown()->step(), kStep) << info.name;
        EXPECT_EQ(shown.tab.shown()->positions(),
                  info.transform == BandTransform::Continuous ? kStep + 1 - 2 * kHiddenPositions : kStep + 1)
            << info.name;
        EXPECT_FALSE(shown.tab.grab().isNull());
        EXPECT_EQ(shown.tab.band()->sentence(), QString());
    }
}

TEST(WaveletTab, comparesWithAHeldPictureUnderTheSameTransform)
{
    Shown shown;
    shown.tab.hold();
    shown.selection.setStep(150);
    shown.tab.controls()->setComparison(CompareWith::BesideHeld);
    shown.tab.controls()->setMethod({.wavelet = "db4", .levels = 3});
    shown.tab.finish();
    ASSERT_TRUE(shown.tab.other());
    EXPECT_EQ(shown.tab.shown()->step(), 150);
    EXPECT_EQ(shown.tab.other()->step(), kStep);
    EXPECT_EQ(shown.tab.other()->choice.wavelet, "db4");
    EXPECT_FALSE(shown.tab.otherPane()->isHidden());
    EXPECT_EQ(
        figureArguments(*shown.tab.currentFigure()),
        (std::vector<std::string>{"wavelet", "--step", "150", "--wavelet", "db4", "--levels", "3", "--against-step", "199"}));
    shown.tab.controls()->setComparison(CompareWith::MinusHeld);
    shown.tab.finish();
    EXPECT_TRUE(shown.tab.otherPane()->isHidden());
    EXPECT_FALSE(shown.tab.grab().isNull());
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()).back(), "--difference");
    shown.selection.setLanes({{1, 0}});
    shown.tab.controls()->setMethod({.transform = BandTransform::Packets, .levels = 3});
    shown.tab.finish();
    ASSERT_TRUE(shown.tab.shown()->packets);
    ASSERT_EQ(shown.tab.shown()->packets->nodes.size(), shown.tab.other()->packets->nodes.size())
        << "split alike, or there is no difference";
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()),
              (std::vector<std::string>{"wavelet", "--step", "150", "--transform", "packets", "--levels", "3", "--lanes", "1.0",
                                        "--against-step", "199", "--against-lanes", "all", "--difference"}));
}

TEST(WaveletTab, comparesWhatTwoPoliciesLost)
{
    Shown shown(true);
    shown.selection.setFocus(1);
    shown.selection.setReference(2);
    shown.tab.controls()->setComparison(CompareWith::BesideReference);
    shown.tab.finish();
    ASSERT_TRUE(shown.tab.shown()->lostBy());
    ASSERT_TRUE(shown.tab.other());
    EXPECT_EQ(shown.tab.shown()->lostBy()->policy, 1);
    EXPECT_EQ(shown.tab.other()->lostBy()->policy, 2);
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()),
              (std::vector<std::string>{"lost-bands", "--step", "199", "--policies", "2", "--against-step", "199",
                                        "--against-policy", "3"}));
    const ScaleMatrix& matrix = shown.tab.shown()->matrix;
    for (const int octave : shown.tab.matrix()->octaves())
        for (int level = 0; level <= matrix.levels; ++level) {
            const double lost = shown.tab.shown()->lostBy()->lost[matrix.at(level, octave)];
            const bool blank = matrix.masked[matrix.at(level, octave)] || std::isnan(lost);
            EXPECT_EQ(shown.tab.matrix()->cellText({level, octave}), blank ? QString() : QString::number(100 * lost, 'f', 0));
        }
}

TEST(WaveletTab, saysInThePanelWhatIsWrongAndGoesOnFromThere)
{
    Shown shown;
    shown.tab.controls()->setMethod({.transform = BandTransform::Continuous, .continuous = "morlett9"});
    shown.tab.finish();
    EXPECT_TRUE(shown.tab.band()->sentence().contains(QStringLiteral("morlett9"))) << shown.tab.band()->sentence().toStdString();
    EXPECT_TRUE(shown.tab.shown()) << "the older picture stays";
    shown.tab.controls()->setMethod({});
    shown.tab.finish();
    EXPECT_EQ(shown.tab.band()->sentence(), QString());
}

TEST(WaveletTab, exportsTheNumbersThatItShows)
{
    Shown shown;
    const auto request = shown.tab.currentFigure();
    ASSERT_TRUE(request);
    const auto out = shown.folder.path() / "bands.csv";
    const auto written = renderFigure(request->name, {.traces = {shown.data.trace}}, request->options, out, {});
    ASSERT_TRUE(written) << written.error().message;
    std::ifstream file(out);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str().front(), '#') << "the manifest comes first";
    std::ostringstream number;
    number << shown.tab.shown()->bands->band(2)[77];
    EXPECT_NE(text.str().find(number.str().substr(0, 5)), std::string::npos) << number.str();
}

TEST(LowerDock, remembersAHeightPerTab)
{
    Selection selection;
    LowerDock dock(&selection);
    EXPECT_EQ(dock.heightHint(), 212);
    dock.setCurrentIndex(3);
    EXPECT_EQ(dock.heightHint(), 390);
    dock.rememberHeight(300);
    dock.setCurrentIndex(0);
    EXPECT_EQ(dock.heightHint(), 212);
    dock.setCurrentIndex(3);
    EXPECT_EQ(dock.heightHint(), 300);
    EXPECT_FALSE(dock.currentFigure());
    dock.setHeights({150, 0, 0, 320, 0, 0}); // as a session of three tabs gives them
    EXPECT_EQ(dock.heights(), (std::array{150, 212, 390, 320, 212, 390}));
}

} // namespace
} // namespace winnow::views
