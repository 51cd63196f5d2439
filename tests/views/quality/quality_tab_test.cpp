// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_catalog.h"
#include "core/analysis/overlap.h"
#include "core/analysis/running_mean.h"
#include "tests/support/large_font.h"
#include "tests/support/plain_overlap.h"
#include "tests/support/synthetic_replay.h"
#include "views/plot/number_words.h"
#include "views/quality/quality_tab.h"
#include "views/quality/quality_table.h"
#include "views/state/selection.h"

#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

struct Shown {
    Selection selection;
    QualityTab tab{&selection};
    ViewData data;
    explicit Shown(test::SyntheticOptions options = {.tokens = 256, .budget = 32, .policies = 6})
    {
        data.replay = test::syntheticReplay(options);
        data.info = test::syntheticInfo(options);
        data.tokensRecorded = options.tokens;
        selection.setExtent(options.tokens, options.policies);
        tab.resize(900, 190);
        tab.show();
        tab.setData(data);
        tab.finish();
    }
    QCPAxisRect* chart() { return tab.plot()->axisRect(0); }
    QPoint at(double step) { return {qRound(chart()->axis(QCPAxis::atBottom)->coordToPixel(step)), chart()->center().y()}; }
};

TEST(QualityTab, showsEveryStepOfEveryVisiblePolicy)
{
    Shown shown;
    shown.tab.setSmoothing(1);
    EXPECT_EQ(shown.chart()->axis(QCPAxis::atBottom)->range(), QCPRange(0, 255));
    // One line per policy, two more for the band of the focus; and the distance chart's lines.
    EXPECT_EQ(shown.tab.plot()->graphCount(), 6 + 2 + 6);
    shown.selection.setHidden(2, true);
    shown.tab.finish();
    EXPECT_EQ(shown.tab.plot()->graphCount(), 5 + 2 + 5);
}

TEST(QualityTab, scrollsWhereLargeLettersWouldLeaveNoPicture)
{
    {
        const Shown usual;
        EXPECT_EQ(usual.tab.plot()->width(), usual.tab.width()) << "nothing scrolls at the usual size";
    }
    const testing_support::LargeFont twice(2);
    Shown shown;
    const QCPAxisRect* chart = shown.chart();
    const PlotStyle& style = shown.tab.plot()->style();
    const QFontMetricsF label(style.label), tick(style.tick);
    EXPECT_GE(chart->height(), 3 * tick.height());
    EXPECT_GE(chart->width(), label.horizontalAdvance(chart->axis(QCPAxis::atBottom)->label()));
    for (int i = 0; i < 2; ++i) {
        const QCPAxisRect* one = shown.tab.plot()->axisRect(i);
        const double half = label.horizontalAdvance(one->axis(QCPAxis::atLeft)->label()) / 2, middle = one->rect().center().y();
        EXPECT_GE(middle - half, one->outerRect().top()) << qPrintable(one->axis(QCPAxis::atLeft)->label());
        EXPECT_LE(middle + half, one->outerRect().bottom());
    }
    auto* scroll = shown.tab.findChild<QScrollArea*>();
    ASSERT_NE(scroll, nullptr);
    EXPECT_GT(scroll->horizontalScrollBar()->maximum(), 0);
    EXPECT_LE(shown.tab.minimumSizeHint().height(), 190) << "the tab itself may be as low as it was";
    shown.tab.setData({});
    QCoreApplication::processEvents();
    EXPECT_EQ(scroll->horizontalScrollBar()->maximum(), 0) << "a sentence in place of charts is seen whole";
}

TEST(QualityTab, hatchesTheDistancesWhileNoneIsComputed)
{
    Shown shown({.tokens = 256, .budget = 32, .policies = 2});
    const QCPAxisRect* distances = shown.tab.plot()->axisRect(1);
    const auto hatched = [&] {
        const QRect inside = distances->rect().adjusted(2, 2, -2, -2);
        const QImage picture = shown.tab.plot()->toPixmap().toImage().convertToFormat(QImage::Format_RGB32).copy(inside);
        const QRgb line = shown.tab.plot()->style().theme.line.rgb();
        int pixels = 0;
        for (int y = 0; y < picture.height(); ++y)
            for (int x = 0; x < picture.width(); ++x)
                pixels += picture.pixel(x, y) == line ? 1 : 0;
        return pixels > picture.width() * picture.height() / 20;
    };
    EXPECT_FALSE(hatched());
    auto none = std::make_shared<ReplayResult>(*shown.data.replay);
    for (auto& policy : none->policies) {
        auto empty = std::make_shared<PolicyReplay>(*policy);
        empty->stepsDone = 0;
        policy = empty;
    }
    shown.data.replay = none;
    shown.tab.setData(shown.data);
    shown.tab.finish();
    EXPECT_TRUE(hatched());
}

TEST(QualityTab, namesOfTheOverlapMatrixDoNotCollideAtTwelvePolicies)
{
    Shown shown({.tokens = 256, .budget = 32, .policies = 12});
    const QCPAxisRect* matrix = shown.tab.overlap()->rect();
    const double room = double(matrix->height()) / 12;
    double last = -1e9;
    const auto ticks = qSharedPointerCast<QCPAxisTickerText>(matrix->axis(QCPAxis::atLeft)->ticker())->ticks();
    ASSERT_GE(ticks.size(), 3);
    for (auto tick = ticks.begin(); tick != ticks.end(); ++tick) {
        EXPECT_GE((tick.key() - last) * room, QFontMetricsF(shown.tab.plot()->style().tick).height()) << qPrintable(tick.value());
        last = tick.key();
    }
}

TEST(QualityTab, aRunHasTheColorOfItsReplay)
{
    Shown shown({.tokens = 256, .budget = 32, .policies = 3});
    auto both = std::make_shared<ReplayResult>(*shown.data.replay);
    both->policies.push_back(test::asRun(*both->policies[1], 2));
    shown.data.replay = both;
    shown.selection.setExtent(256, 4);
    shown.tab.setData(shown.data);
    shown.tab.finish();
    const Theme& theme = shown.tab.plot()->style().theme;
    EXPECT_EQ(theme.policyPen(3, 1).color(), theme.policyPen(1, 1).color());
    EXPECT_EQ(theme.policyPen(1, 1).style(), Qt::SolidLine);
    EXPECT_EQ(theme.policyPen(3, 1).style(), Qt::CustomDashLine);
}

TEST(QualityTab, aClickChoosesTheStepAndADragBrushesSteps)
{
    Shown shown;
    QTest::mouseClick(shown.tab.plot(), Qt::LeftButton, {}, shown.at(100));
    EXPECT_NEAR(shown.selection.state().step, 100, 1);
    QTest::mousePress(shown.tab.plot(), Qt::LeftButton, {}, shown.at(50));
    QTest::mouseMove(shown.tab.plot(), shown.at(60));
    QTest::mouseMove(shown.tab.plot(), shown.at(80));
    QTest::mouseRelease(shown.tab.plot(), Qt::LeftButton, {}, shown.at(80));
    ASSERT_TRUE(shown.selection.state().stepRange);
    EXPECT_NEAR(shown.selection.state().stepRange->begin, 50, 1);
    EXPECT_NEAR(shown.selection.state().stepRange->end, 81, 1);
    EXPECT_NEAR(shown.selection.state().step, 100, 1); // a drag is no click
}

TEST(QualityTab, followsTheStepsOfTheSharedZoom)
{
    Shown shown;
    shown.selection.setZoom({0, 256, 64, 128});
    EXPECT_EQ(shown.chart()->axis(QCPAxis::atBottom)->range(), QCPRange(64, 127));
    QTest::mouseDClick(shown.tab.plot(), Qt::LeftButton, {}, shown.at(100));
    EXPECT_TRUE(shown.selection.state().zoom.isEmpty());
}

TEST(QualityTab, isATableWithTheMeansOfTheCurves)
{
    Shown shown;
    EXPECT_FALSE(shown.tab.showsTable());
    shown.tab.toggleTable();
    shown.tab.finish();
    ASSERT_EQ(shown.tab.table()->rowCount(), 6);
    const auto curves = qualityCurves(*shown.data.replay, Metric::Mass, {}, {});
    EXPECT_EQ(shown.tab.table()->item(3, 1)->text(), QString::number(curves->lines[3].average, 'f', 3));
}

TEST(QualityTab, tellsTheWorstStepTheMeanAndTheBytesOfTheChosenSteps)
{
    test::SyntheticOptions options{.tokens = 8, .layers = 1, .lanes = 1, .budget = 2, .policies = 1};
    auto policy = std::make_shared<PolicyReplay>(*test::syntheticPolicy(1, options));
    policy->mass = {1.0F, 0.9F, 0.1F, 0.2F, 0.6F, 0.7F, 0.5F, 0.4F};
    policy->error = {0.0F, 0.1F, 0.9F, 0.8F, 0.4F, 0.3F, 0.5F, 0.6F};
    auto replay = std::make_shared<ReplayResult>(*test::syntheticReplay(options));
    replay->policies = {policy};
    replay->slotBytes = {512}; // 128 numbers of two bytes, for key and value
    Shown shown(options);
    shown.data.replay = replay;
    shown.tab.setData(shown.data);
    shown.selection.setStepRange(Range{4, 8});
    shown.selection.setStep(5);
    shown.tab.toggleTable();
    shown.tab.finish();
    const auto cell = [&](int column) { return shown.tab.table()->item(0, column)->text(); };
    const int behind = 1 + static_cast<int>(metricCatalog().size()); // the policy's name and the metrics come first
    EXPECT_EQ(cell(1), QStringLiteral("0.550")) << "mean of 0.6, 0.7, 0.5, 0.4";
    EXPECT_EQ(cell(2), QStringLiteral("0.450"));
    EXPECT_EQ(cell(4), QStringLiteral("2.0"));
    EXPECT_EQ(cell(behind), QStringLiteral("7")) << "the worst step is the one with the least mass";
    EXPECT_EQ(cell(behind + 1), QStringLiteral("0.400"));
    EXPECT_EQ(cell(behind + 2), QStringLiteral("1.0 kB")) << "two slots of 512 bytes";
    shown.selection.setStepRange(std::nullopt); // from where the budget is full
    shown.tab.finish();
    EXPECT_EQ(cell(behind), QStringLiteral("2"));
    EXPECT_EQ(cell(behind + 1), QStringLiteral("0.100"));
}

TEST(QualityTab, givesTheFigureThatItShows)
{
    Shown shown;
    shown.tab.setMetric(Metric::Error);
    shown.tab.setSmoothing(1);
    shown.selection.setStepRange(Range{10, 20});
    shown.tab.finish();
    const auto request = shown.tab.currentFigure();
    ASSERT_TRUE(request);
    const std::string step = std::to_string(shown.selection.state().step);
    EXPECT_EQ(figureArguments(*request),
              (std::vector<std::string>{"mass", "--step", step, "--metric", "error", "--steps", "10-19", "--focus", "1"}));
    shown.tab.setSmoothing(8);
    shown.selection.setFocus(2);
    shown.selection.setZoom({0, 256, 40, 100});
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()),
              (std::vector<std::string>{"mass", "--step", step, "--metric", "error", "--steps", "40-99", "--smooth", "8",
                                        "--focus", "3"}))
        << "the axis and the lines as they are seen";
    shown.tab.setSmoothing(kMeanSoFar);
    EXPECT_EQ(shown.tab.currentFigure()->options.smooth, kMeanSoFar);
}

TEST(QualityTab, exportsEveryNumberOfItsTable)
{
    Shown shown;
    shown.tab.toggleTable();
    for (const int step : {40, 200}) {
        shown.selection.setStep(step);
        shown.tab.finish();
        const auto request = shown.tab.currentFigure();
        ASSERT_TRUE(request);
        const auto figure = makeFigure(request->name, {.replays = {shown.data.replay}}, request->options, {});
        ASSERT_TRUE(figure) << figure.error().message;
        const std::string csv = csvText(figure->numbers.tables(), {});
        QStringList heads, exported;
        for (const QString& line : QString::fromStdString(csv).split(QLatin1Char('\n'))) // of its second table
            (line.startsWith(QStringLiteral("policy,mean_mass,")) ? heads : exported) << line;
        ASSERT_EQ(heads.size(), 1) << csv;
        const QStringList names = heads.front().split(QLatin1Char(','));
        const QTableWidget& table = *shown.tab.table();
        ASSERT_EQ(names.size(), table.columnCount() - 1) << "the name and the line of a policy are one column";
        for (int row = 0; row < table.rowCount(); ++row) {
            const QString line = exported[exported.size() - 1 - table.rowCount() + row];
            const QString spec = table.item(row, table.columnCount() - 1)->text();
            ASSERT_TRUE(line.contains(spec)) << qPrintable(line);
            const QStringList cells = line.mid(line.indexOf(spec) + spec.size()).split(QLatin1Char(','));
            ASSERT_EQ(cells.size(), names.size()) << qPrintable(line);
            for (int column = 1; column < names.size(); ++column) {
                const QString seen = table.item(row, column)->text(), cell = cells[column];
                SCOPED_TRACE((names[column] + QLatin1Char(' ') + seen + QLatin1Char(' ') + cell).toStdString());
                const double number = cell.isEmpty() ? std::nan("") : cell.toDouble();
                const bool bytes = names[column].endsWith(QStringLiteral("_bytes")),
                           whole = names[column] == QStringLiteral("worst_step");
                const std::size_t metric = static_cast<std::size_t>(column) - 1;
                if (bytes && !cell.isEmpty())
                    EXPECT_EQ(seen, bytesWords(static_cast<std::uint64_t>(number)));
                else if (whole && !cell.isEmpty())
                    EXPECT_EQ(seen, grouped(qRound64(number)));
                else
                    EXPECT_EQ(
                        seen,
                        metricWords(metric < metricCatalog().size() ? metricCatalog()[metric] : metricCatalog().front(), number));
            }
        }
    }
}

TEST(QualityTab, showsBudgetsByLayerWhereAClickChoosesTheLayer)
{
    Shown shown;
    shown.tab.setMetric(Metric::Slots);
    shown.tab.setAgainst(QualityTab::Against::Layer);
    shown.tab.finish();
    const int layers = static_cast<int>(shown.data.replay->layers.size());
    EXPECT_EQ(shown.chart()->axis(QCPAxis::atBottom)->range(), QCPRange(-0.5, layers - 0.5));
    EXPECT_EQ(shown.tab.plot()->graphCount(), 6 + 6); // no bands: whiskers are drawn
    const int step = shown.selection.state().step;
    QTest::mouseClick(shown.tab.plot(), Qt::LeftButton, {}, shown.at(1));
    ASSERT_FALSE(shown.selection.state().lanes.empty());
    for (const Lane& lane : shown.selection.state().lanes)
        EXPECT_EQ(lane.layer, 1);
    EXPECT_EQ(shown.selection.state().step, step);
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()),
              (std::vector<std::string>{"layers", "--metric", "slots", "--focus", "1"}));
    shown.tab.setAgainst(QualityTab::Against::Step);
    shown.tab.finish();
    EXPECT_EQ(shown.chart()->axis(QCPAxis::atBottom)->range(), QCPRange(0, 255));
}

TEST(QualityTab, setsWhatReplaysPredictAgainstWhatRunsCost)
{
    Shown shown;
    shown.tab.setAgainst(QualityTab::Against::Loss);
    shown.tab.finish();
    EXPECT_TRUE(shown.tab.accessibleDescription().contains(QStringLiteral("No policy has been run. Press Shift+R")));
    auto both = std::make_shared<ReplayResult>(*shown.data.replay);
    for (int i = 0; i < 4; ++i)
        both->policies.push_back(test::asRun(*both->policies[static_cast<std::size_t>(i)], 3 + 0.5F * float(i)));
    both->manifest["loop"] = ReplayResult::kBothLoops;
    shown.data.replay = both;
    shown.selection.setExtent(256, 10);
    shown.tab.setData(shown.data);
    shown.tab.finish();
    const Prediction& prediction = shown.tab.prediction().shown();
    ASSERT_EQ(prediction.points.size(), 4U);
    EXPECT_EQ(prediction.points[2].run, 8);
    EXPECT_DOUBLE_EQ(prediction.points[2].cost, 4);
    EXPECT_TRUE(shown.tab.accessibleDescription().startsWith(
        QStringLiteral("open against closed loop · less mass with more loss: rank correlation ")))
        << qPrintable(shown.tab.accessibleDescription());
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()), (std::vector<std::string>{"prediction", "--focus", "1"}));
    shown.selection.setHidden(9, true);
    shown.tab.finish();
    EXPECT_EQ(shown.tab.prediction().shown().points.size(), 3U);

    const QCPAxisRect* chart = shown.chart();
    const QPointF point(chart->axis(QCPAxis::atBottom)->coordToPixel(prediction.points[1].predicted),
                        chart->axis(QCPAxis::atLeft)->coordToPixel(prediction.points[1].cost));
    QTest::mouseClick(shown.tab.plot(), Qt::LeftButton, {}, point.toPoint());
    EXPECT_EQ(shown.selection.state().focus, prediction.points[1].run);

    shown.tab.setMetric(Metric::Loss);
    shown.tab.finish();
    EXPECT_TRUE(shown.tab.accessibleDescription().startsWith(QStringLiteral("Only runs have this metric.")));
    shown.tab.setAgainst(QualityTab::Against::Step);
    shown.tab.finish();
    EXPECT_FALSE(shown.tab.accessibleDescription().contains(QStringLiteral("Only a run"))) << "some have it";
    EXPECT_EQ(shown.chart()->axis(QCPAxis::atBottom)->range(), QCPRange(0, 255)) << "a line over steps again";
}

TEST(QualityTab, aClickInTheOverlapsChoosesFocusAndReference)
{
    Shown shown;
    QCPAxisRect* matrix = shown.tab.overlap()->rect();
    const Comparison* overlaps = shown.tab.overlap()->shown();
    ASSERT_TRUE(overlaps);
    ASSERT_EQ(overlaps->rows.size(), 6U);
    const int step = shown.selection.state().step;
    EXPECT_EQ(overlaps->jaccard[1 * 6 + 4],
              testing_support::plainJaccard(*shown.data.replay->policies[1], *shown.data.replay->policies[4], step));
    const QPointF cell(matrix->axis(QCPAxis::atBottom)->coordToPixel(4.5), matrix->axis(QCPAxis::atLeft)->coordToPixel(1.5));
    QTest::mouseClick(shown.tab.plot(), Qt::LeftButton, {}, cell.toPoint());
    EXPECT_EQ(shown.selection.state().focus, 1);
    EXPECT_EQ(shown.selection.state().reference, 4);
    EXPECT_EQ(shown.tab.currentFigure()->name, "jaccard"); // the chart that the pointer was in last
    shown.selection.setHidden(0, true);
    shown.tab.finish();
    EXPECT_EQ(shown.tab.overlap()->shown()->rows.size(), 5U);
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()),
              (std::vector<std::string>{"jaccard", "--step", std::to_string(step), "--policies", "2,3,4,5,6", "--against-policy",
                                        "5", "--focus", "2"}));
}

TEST(QualityTab, theOverlapsAreThoseOfTheChosenLanesAndStepsAndSaySo)
{
    Shown shown;
    const auto label = [&shown] { return shown.tab.overlap()->rect()->axis(QCPAxis::atBottom)->label(); };
    shown.tab.resize(1600, 300);
    const int step = shown.selection.state().step;
    shown.selection.setLanes({{1, 1}});
    shown.tab.finish();
    const PolicyReplay &a = *shown.data.replay->policies[1], &b = *shown.data.replay->policies[4];
    const auto pairs = [&] { return pairLanes(a, b, shown.selection.state().lanes, 2); };
    EXPECT_EQ(shown.tab.overlap()->shown()->jaccard[1 * 6 + 4], meanOverlap(a, b, pairs(), {step, step + 1}).value());
    EXPECT_TRUE(label().contains(QStringLiteral("step %1, layer 1, head 1").arg(step))) << qPrintable(label());
    EXPECT_EQ(figureArguments(shown.tab.overlap()->figure()),
              (std::vector<std::string>{"jaccard", "--step", std::to_string(step), "--lanes", "1.1", "--against-policy", "1",
                                        "--focus", "1"}));
    shown.selection.setLanes({{0, 0}, {1, 1}});
    shown.selection.setStepRange(Range{60, 90});
    shown.tab.finish();
    EXPECT_EQ(shown.tab.overlap()->shown()->jaccard[1 * 6 + 4], meanOverlap(a, b, pairs(), {60, 90}).value());
    EXPECT_TRUE(label().contains(QStringLiteral("steps 60\u201389, 2 of 4 lanes"))) << qPrintable(label());
    EXPECT_EQ(
        figureArguments(shown.tab.overlap()->figure()),
        (std::vector<std::string>{"jaccard", "--lanes", "0.0,1.1", "--against-policy", "1", "--steps", "60-89", "--focus", "1"}));
}

TEST(QualityTab, saysWhatToDoWhileThereIsNothing)
{
    Selection selection;
    QualityTab tab(&selection);
    tab.setData({});
    EXPECT_FALSE(tab.currentFigure());
    EXPECT_FALSE(tab.plot()->axisRect(0)->visible());
}

TEST(QualityTab, takesAReplayThatIsStillGrowing)
{
    Shown shown({.tokens = 256, .budget = 32, .policies = 3, .stepsDone = 100});
    EXPECT_TRUE(shown.tab.currentFigure());
    EXPECT_TRUE(shown.chart()->visible());
}

TEST(QualityTab, theOverlapsAreHatchedWhereNoReplayHasComeToTheStep)
{
    Shown shown({.tokens = 256, .budget = 32, .policies = 3, .stepsDone = 100});
    const QCPAxisRect* matrix = shown.tab.overlap()->rect();
    shown.selection.setStep(50);
    shown.tab.finish();
    ASSERT_NE(shown.tab.overlap()->shown(), nullptr);
    EXPECT_TRUE(matrix->axis(QCPAxis::atLeft)->visible());
    shown.selection.setStep(200);
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.tab.overlap()->shown() == nullptr; })) << "they were those of another step";
    EXPECT_FALSE(matrix->axis(QCPAxis::atLeft)->visible()) << "an empty matrix shows no axes";
    EXPECT_FALSE(matrix->axis(QCPAxis::atBottom)->visible());
}

TEST(QualityTab, drawsRunningMeansAndSaysOverHowManySteps)
{
    Shown shown({.tokens = 256, .budget = 32, .policies = 3});
    const auto said = [&shown] {
        QString all;
        for (const QLabel* label : shown.tab.findChildren<QLabel*>())
            all += label->text();
        return all;
    };
    shown.tab.setSmoothing(1);
    const int plain = shown.tab.plot()->graphCount();
    EXPECT_FALSE(said().contains(QStringLiteral("running mean")));
    shown.tab.setSmoothing(8);
    EXPECT_EQ(shown.tab.plot()->graphCount(), plain + 1) << "the focus' values behind its line";
    EXPECT_TRUE(said().contains(QStringLiteral("running mean of 8 steps")));
    shown.tab.setSmoothing(0);
    EXPECT_TRUE(said().contains(QStringLiteral("running mean of "))) << said().toStdString();
}

} // namespace
} // namespace winnow::views
