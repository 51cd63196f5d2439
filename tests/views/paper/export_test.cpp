// SPDX-License-Identifier: GPL-3.0-or-later
// Exports: what a paper and a vector editor need of an SVG, a PDF and a PNG.
#include "core/analysis/wavelet/wavelet_catalog.h"
#include "tests/support/score_grids.h"
#include "tests/support/sweep_results.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"
#include "tests/views/paper/svg_reader.h"
#include "views/export/figure_export.h"
#include "views/paper/save_figure.h"
#include "views/paper/wavelet_panels.h"
#include "views/plot/charts.h"

#include <qcustomplot.h>

#include <QImage>
#include <QPainter>

#include <gmock/gmock.h>

namespace winnow::views {
namespace {

using testing::HasSubstr;
using testing_support::TemporaryFolder;

TEST(SvgExport, cutsEverythingAtTheClipRectangle)
{
    const TemporaryFolder folder;
    const auto paint = [](QPainter& painter) {
        painter.setClipRect(QRectF(100, 100, 400, 300));
        painter.setPen(QPen(Qt::black, 7.5));
        painter.drawPolyline(QPolygonF({{0, 0}, {300, 250}, {900, 120}, {300, 2000}, {200, 300}}));
        painter.setBrush(Qt::red);
        painter.drawPolygon(QPolygonF({{-500, 200}, {300, -800}, {1500, 350}}));
        painter.drawEllipse(QPointF(100, 100), 60, 60);
        painter.drawRect(QRectF(450, 350, 500, 500));
        painter.drawLine(QLineF(-10, -10, 90, 2000)); // misses it
        painter.translate(50, 50);
        painter.rotate(30);
        painter.drawLine(QLineF(-1000, 100, 1000, 100));
        painter.resetTransform();
        QImage image(10, 10, QImage::Format_RGB32);
        image.fill(Qt::blue);
        painter.drawImage(QRectF(-100, -100, 400, 400), image);
        painter.drawText(QPointF(150, 200), QStringLiteral("inside <&>"));
        painter.drawText(QPointF(5000, 200), QStringLiteral("outside"));
    };
    ASSERT_TRUE(exportDrawing(paint, {.inches = {1, 1}, .manifest = {{"model", "a <b>"}}}, folder / "f.svg"));
    const Svg svg = parse(folder / "f.svg");
    ASSERT_TRUE(svg.valid);
    EXPECT_EQ(svg.page, QRectF(0, 0, 72, 72));
    EXPECT_EQ(svg.manifest["model"], "a <b>");
    int clipped = 0, texts = 0;
    for (const Element& element : svg.elements) {
        expectInside(svg, element);
        clipped += element.clip == QRectF(10, 10, 40, 30);
        texts += element.name == QLatin1String("text");
    }
    EXPECT_EQ(clipped, svg.elements.size() - 1); // all but the white page
    EXPECT_EQ(texts, 1);
    EXPECT_THAT(fileText(folder / "f.svg"), HasSubstr("inside &lt;&amp;&gt;</text>"));
}

TEST(SvgExport, isXmlWhateverCharactersItsTextsHold)
{
    const TemporaryFolder folder;
    QString all(QStringLiteral("begin"));
    for (const char16_t code :
         {u'\0', u'\x1', u'\x8', u'\xb', u'\xc', u'\r', u'\x1b', u'\x1f', u'\xd800', u'\xfffe', u'\xffff', u'\xdc00'})
        all += QChar(code);
    all += QStringLiteral("😀 日本 end");
    const auto paint = [&](QPainter& painter) { painter.drawText(QPointF(50, 300), all); };
    ASSERT_TRUE(
        exportDrawing(paint, {.inches = {4, 1}, .title = all, .manifest = {{"text", all.toStdString()}}}, folder / "f.svg"));
    const std::string bytes = fileText(folder / "f.svg");
    for (const char* forbidden : {"\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xED\xA0\x80", "\x01", "\x1b", "\r"})
        EXPECT_EQ(bytes.find(forbidden), std::string::npos);
    EXPECT_EQ(bytes.find('\0'), std::string::npos);
    const Svg svg = parse(folder / "f.svg");
    ASSERT_TRUE(svg.valid);
    EXPECT_TRUE(svg.manifest["text"].startsWith(QLatin1String("begin")));
    EXPECT_TRUE(svg.manifest["text"].endsWith(QStringLiteral("😀 日本 end")));
}

TEST(SvgExport, keepsAPlotsCurveInsideItsAxisRectangle)
{
    const TemporaryFolder folder;
    QCustomPlot plot;
    QCPAxisRect* rect = plot.axisRect();
    rect->setAutoMargins(QCP::msNone);
    rect->setMargins(QMargins(300, 100, 100, 300));
    QCPGraph* graph = plot.addGraph();
    for (int i = 0; i < 200; ++i)
        graph->addData(i, 50 * std::sin(i * 0.3));
    graph->setPen(QPen(Qt::red, 7.5));
    plot.xAxis->setRange(50, 90);
    plot.yAxis->setRange(-20, 20);
    ASSERT_TRUE(exportPlot(plot, {.inches = {3.25, 2}}, folder / "p.svg"));
    const Svg svg = parse(folder / "p.svg");
    ASSERT_TRUE(svg.valid);
    const QRectF axes = QRectF(30, 10, 234 - 40, 144 - 40).adjusted(-0.11, -0.11, 0.11, 0.11); // QCustomPlot counts whole units
    int curves = 0;
    for (const Element& element : svg.elements) {
        if (element.stroke != QLatin1String("#ff0000"))
            continue;
        ++curves;
        for (const QPointF& p : element.points)
            ASSERT_TRUE(axes.contains(p)) << p.x() << ", " << p.y();
    }
    EXPECT_GT(curves, 0);
}

TEST(SweepFigure, ofCellsDrawsAPanelForEveryCost)
{
    const TemporaryFolder folder;
    const auto done = renderFigure("sweep", {.cells = testing_support::sweepResults()}, {.width = 6.5}, folder / "f.svg", {});
    ASSERT_TRUE(done) << done.error().message;
    const Svg svg = parse(folder / "f.svg");
    ASSERT_TRUE(svg.valid);
    QStringList texts;
    for (const Element& element : svg.elements) {
        expectInside(svg, element);
        if (element.name == QLatin1String("text"))
            texts += element.text;
    }
    for (const char* text :
         {"Budget (slots, log2)", "Cache (bytes, log2)", "Time (ms a token, log2)", "demo, pg19", "TreeKV", "H2O"})
        EXPECT_TRUE(texts.contains(QLatin1String(text))) << text << " of " << texts.join(QLatin1Char('|')).toStdString();
}

/// What a figure must say of its numbers.
std::string loopOf(const std::string& figure)
{
    switch ((*findFigure(figure))->needs) {
    case FigureNeeds::Trace:
        return "full cache";
    case FigureNeeds::Answers:
    case FigureNeeds::Cells:
        return "closed loop";
    case FigureNeeds::Runs:
        return "open and closed loop";
    case FigureNeeds::Replay:
    case FigureNeeds::Both:
        break;
    }
    return "open loop";
}

class EveryFigure : public testing::TestWithParam<std::string> {
protected:
    FigureInputs inputs(const TemporaryFolder& folder) const
    {
        const auto trace = testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 96}), folder);
        auto replay = std::make_shared<ReplayResult>(*test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 4}));
        replay->tokenIds = trace->info().tokens;
        if ((*findFigure(GetParam()))->needs == FigureNeeds::Runs) {
            for (std::size_t i = 0; i < 4; ++i)
                replay->policies.push_back(test::asRun(*replay->policies[i], 3 + 0.25F * static_cast<float>(i)));
            replay->manifest["loop"] = ReplayResult::kBothLoops;
        }
        return {.traces = {trace},
                .replays = {replay},
                .grids = {testing_support::scoreGrid("full"), testing_support::scoreGrid("treekv:budget=128")},
                .cells = (*findFigure(GetParam()))->needs == FigureNeeds::Cells ? testing_support::sweepResults()
                                                                                : std::vector<CellResult>(),
                .papers = testing_support::paperTables()};
    }
};

TEST_P(EveryFigure, isAnSvgOfRealTextWithNothingOutsideItsRectangles)
{
    const TemporaryFolder folder;
    const auto done = renderFigure(GetParam(), inputs(folder), {.width = 3.25}, folder / "f.svg", {});
    ASSERT_TRUE(done) << done.error().message;
    const Svg svg = parse(folder / "f.svg");
    ASSERT_TRUE(svg.valid);
    EXPECT_NEAR(svg.inches.width(), 3.25, 1e-3);
    EXPECT_EQ(svg.page.width(), 3.25 * 72);
    EXPECT_EQ(svg.manifest["figure"].toStdString(), GetParam());
    QStringList texts;
    for (const Element& element : svg.elements) {
        expectInside(svg, element);
        if (element.name == QLatin1String("text")) {
            texts += element.text;
            EXPECT_GE(element.fontSize, 6.9) << element.text.toStdString();
            EXPECT_LE(element.fontSize, 8.4) << element.text.toStdString();
        }
    }
    EXPECT_GT(texts.size(), 6);
    EXPECT_THAT(texts.join(QLatin1Char(' ')).toStdString(), HasSubstr(loopOf(GetParam())));
}

TEST_P(EveryFigure, carriesItsManifestInPngAndPdf)
{
    const TemporaryFolder folder;
    const FigureInputs given = inputs(folder);
    ASSERT_TRUE(renderFigure(GetParam(), given, {.width = 3.25, .dpi = 100}, folder / "f.png", {}));
    const QImage image(QString::fromStdString((folder / "f.png").string()));
    EXPECT_EQ(image.width(), 325);
    EXPECT_EQ(image.text(QStringLiteral("figure")).toStdString(), GetParam());
    EXPECT_NEAR(image.dotsPerMeterX(), 100 / 0.0254, 1);
    EXPECT_EQ(image.pixel(0, 0), qRgb(255, 255, 255)); // always light

    ASSERT_TRUE(renderFigure(GetParam(), given, {.width = 3.25}, folder / "f.pdf", {}));
    const std::string pdf = fileText(folder / "f.pdf");
    EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
    EXPECT_THAT(pdf, HasSubstr("/Font"));
    EXPECT_THAT(pdf, HasSubstr("manifest.txt"));
}

TEST_P(EveryFigure, givesItsNumbers)
{
    const TemporaryFolder folder;
    const FigureInputs given = inputs(folder);
    for (const char* name : {"f.csv", "f.npz"}) {
        const auto done = renderFigure(GetParam(), given, {}, folder / name, {});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_GT(std::filesystem::file_size(folder / name), 100U);
    }
    EXPECT_THAT(fileText(folder / "f.csv"), HasSubstr("# caption: " + loopOf(GetParam())));
}

/// A picture against another one: how it is asked for.
struct Against {
    std::string name;
    FigureOptions options;
    friend std::ostream& operator<<(std::ostream& out, const Against& one)
    {
        for (const std::string& word : figureArguments({one.name, one.options}))
            out << word << ' ';
        return out;
    }
};

std::vector<Against> comparisons()
{
    std::vector<Against> all;
    for (const bool difference : {false, true}) {
        for (const TransformInfo& info : transformCatalog())
            all.push_back({"wavelet",
                           {.steps = {95},
                            .transform = std::string(info.name),
                            .levels = 3,
                            .hide = 8,
                            .against = {.step = 80, .difference = difference},
                            .width = 6.75}});
        all.push_back(
            {"wavelet",
             {.layer = 0, .head = 1, .levels = 3, .hide = 8, .against = {.head = 2, .difference = difference}, .width = 6.75}});
        all.push_back({"treekv-2", {.hide = 8, .against = {.layer = 1, .head = 0, .difference = difference}, .width = 6.75}});
        all.push_back(
            {"lost-bands",
             {.levels = 3, .hide = 8, .policies = {2}, .against = {.policy = 3, .difference = difference}, .width = 6.75}});
    }
    return all;
}

TEST(EveryComparisonFigure, isDrawnInsideItsRectanglesWithItsNumbersAndManifest)
{
    const TemporaryFolder folder;
    const auto trace = testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 96}), folder);
    auto replay = std::make_shared<ReplayResult>(
        *test::syntheticReplay({.tokens = 96, .layers = 2, .lanes = 2, .budget = 16, .policies = 4}));
    replay->tokenIds = trace->info().tokens;
    replay->layers = trace->info().layers;
    const FigureInputs given{.traces = {trace}, .replays = {replay}};
    for (const Against& one : comparisons()) {
        std::ostringstream asked;
        asked << one;
        SCOPED_TRACE(asked.str());
        const auto done = renderFigure(one.name, given, one.options, folder / "c.svg", {});
        ASSERT_TRUE(done) << done.error().message;
        const Svg svg = parse(folder / "c.svg");
        ASSERT_TRUE(svg.valid);
        EXPECT_EQ(svg.manifest["figure"].toStdString(), one.name);
        QStringList texts;
        for (const Element& element : svg.elements) {
            expectInside(svg, element);
            texts += element.text;
        }
        EXPECT_TRUE(texts.join(QLatin1Char(' '))
                        .contains(one.options.against.difference ? QStringLiteral("first") : QStringLiteral("(b)")));
        EXPECT_THAT(texts.join(QLatin1Char(' ')).toStdString(), HasSubstr(loopOf(one.name)));
        for (const char* name : {"c.csv", "c.npz"}) {
            const auto numbers = renderFigure(one.name, given, one.options, folder / name, {});
            ASSERT_TRUE(numbers) << numbers.error().message;
        }
        const std::string csv = fileText(folder / "c.csv");
        EXPECT_THAT(csv, HasSubstr("# figure: " + one.name));
        EXPECT_THAT(csv, HasSubstr("# second: "));
        EXPECT_EQ(csv.find("difference_") != std::string::npos, one.options.against.difference);
    }
}

std::vector<std::string> figureNames()
{
    std::vector<std::string> names;
    for (const FigureKind& kind : figureCatalog())
        names.emplace_back(kind.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Catalog, EveryFigure, testing::ValuesIn(figureNames()), [](const auto& info) {
    std::string name = info.param;
    std::erase(name, '-');
    return name;
});

/// Where a text of the paper's tick font stands, in points.
QRectF placeOf(const Element& text)
{
    const QFontMetricsF metrics(PlotStyle::onPaper().tick);
    const double width = metrics.horizontalAdvance(text.text) / kUnitsPerPoint, height = metrics.capHeight() / kUnitsPerPoint;
    return {text.points.front() - QPointF(0, height), QSizeF(width, height)};
}

void expectApart(const QList<QRectF>& places)
{
    for (qsizetype i = 0; i < places.size(); ++i)
        for (qsizetype j = 0; j < i; ++j)
            EXPECT_FALSE(places[i].intersects(places[j])) << i << " and " << j;
}

TEST(KeptFigure, ranksAmongTheMapsAndNotAmongItsStrips)
{
    const TemporaryFolder folder;
    const auto replay = test::syntheticReplay({.tokens = 96, .layers = 3, .lanes = 4, .budget = 16, .policies = 2});
    const auto drawn = [&](const FigureOptions& options, const char* name) {
        const auto done = renderFigure("kept", {.replays = {replay}}, options, folder / name, {});
        EXPECT_TRUE(done) << done.error().message;
        return fileText(folder / name);
    };
    for (const char* scale : {"rank", "clipped"}) {
        FigureOptions options{.steps = {90}, .scale = scale};
        const std::string all = drawn(options, "all.svg");
        options.keys = IntRange{20, 40}; // there few lanes keep anything
        options.queries = IntRange{80, 90};
        EXPECT_TRUE(drawn(options, "part.svg") != all) << scale;
        options.scale = "linear";
        EXPECT_EQ(figureArguments({"kept", options}), (std::vector<std::string>{"kept", "--step", "90"}));
    }
}

TEST(CurveFigures, drawTheFocusAsTheWindowDoes)
{
    const TemporaryFolder folder;
    const auto trace = testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 96}), folder);
    auto replay = std::make_shared<ReplayResult>(*test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 4}));
    replay->tokenIds = trace->info().tokens;
    const auto drawn = [&](const char* figure, const FigureOptions& options) {
        const auto done = renderFigure(figure, {.traces = {trace}, .replays = {replay}}, options, folder / "f.svg", {});
        EXPECT_TRUE(done) << done.error().message;
        return fileText(folder / "f.svg");
    };
    for (const char* figure : {"mass", "layers", "distance", "autopsy"})
        EXPECT_NE(drawn(figure, {.focus = 2}), drawn(figure, {.focus = 3})) << figure;
    EXPECT_NE(drawn("mass", {.steps = {40}}), drawn("mass", {.steps = {60}})) << "the step";
    EXPECT_NE(drawn("retention", {.token = 40}), drawn("retention", {.token = 60}));
    EXPECT_NE(drawn("retention", {.brush = IntRange{40, 50}}), drawn("retention", {}));
}

TEST(PredictionFigure, namesCrowdedPointsInsideTheFrameAndApart)
{
    const TemporaryFolder folder;
    auto both = std::make_shared<ReplayResult>(*test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 24}));
    for (int i = 0; i < 24; ++i) { // three bunches
        auto policy = std::make_shared<PolicyReplay>(*both->policies[static_cast<std::size_t>(i)]);
        policy->spec = parsePolicySpec(fmt::format("streaming:budget=16,sinks={}", i % 16)).value();
        if (i >= 16)
            policy->spec = parsePolicySpec(fmt::format("window:budget={}", 16 + i)).value();
        policy->mass = std::vector<float>(policy->evictStep.size(), 0.3F + 0.3F * float(i % 3) + 0.001F * float(i));
        both->policies[static_cast<std::size_t>(i)] = policy;
        both->policies.push_back(test::asRun(*policy, 3 + 0.5F * static_cast<float>(i % 3) + 0.003F * static_cast<float>(i)));
    }
    both->manifest["loop"] = ReplayResult::kBothLoops;
    ASSERT_TRUE(renderFigure("prediction", {.replays = {both}}, {}, folder / "f.svg", {}));
    QList<QRectF> places;
    for (const Element& element : parse(folder / "f.svg").elements) {
        if (!element.text.startsWith(QLatin1String("StreamingLLM")) && !element.text.startsWith(QLatin1String("Window")))
            continue;
        places += placeOf(element);
        EXPECT_TRUE(element.clip.contains(places.back())) << element.text.toStdString();
    }
    EXPECT_EQ(places.size(), 24);
    expectApart(places);
}

TEST(EndLabels, ofManyLinesStandInsideThePageAndApart)
{
    for (const int lines : {3, 9, 14, 40}) {
        const TemporaryFolder folder;
        QCustomPlot plot;
        const PlotStyle style = PlotStyle::onPaper();
        applyStyle(plot.axisRect(), style, {.left = 60, .top = 8, .right = 140, .bottom = 40});
        QualityCurves curves;
        for (int i = 0; i < lines; ++i)
            curves.lines.push_back({.label = "Window", .policy = i, .mean = std::vector<double>(8, 0.6 + 0.4 * i / lines)});
        QualityChart chart(plot.axisRect());
        chart.show(curves, -1, {}, style);
        ASSERT_TRUE(exportPlot(plot, {.inches = {5.5, 2}}, folder / "e.svg"));
        const Svg svg = parse(folder / "e.svg");
        QList<QRectF> places;
        for (const Element& element : svg.elements)
            if (element.text.contains(QLatin1String("Window"))) {
                places += placeOf(element);
                EXPECT_TRUE(svg.page.contains(places.back())) << element.text.toStdString() << " of " << lines;
            }
        EXPECT_GE(places.size(), std::min(lines, 14));
        EXPECT_LE(places.size(), lines);
        expectApart(places);
    }
}

TEST(ScalogramFigure, hatchesNothingWithinTheCone)
{
    const TemporaryFolder folder;
    const auto trace = testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 96}), folder);
    const auto done = renderFigure("wavelet", {.traces = {trace}}, {.transform = "cwt"}, folder / "f.svg", {});
    ASSERT_TRUE(done) << done.error().message;
    const QString hatch = Theme::lightTheme().line.name();
    int lines = 0, within = 0;
    for (const Element& element : parse(folder / "f.svg").elements) {
        if (element.stroke != hatch || element.clip.isNull() || element.points.size() != 2)
            continue;
        ++lines;
        const QRectF panel = element.clip;
        const QPointF from = element.points[0], to = element.points[1];
        for (int i = 0; i <= 100; ++i) {
            const QPointF at = from + (to - from) * i / 100.0;
            const double across = (at.x() - panel.left()) / panel.width(), down = (at.y() - panel.top()) / panel.height();
            within += across > 0.3 && across < 0.7 && down < 0.4 ? 1 : 0;
        }
    }
    EXPECT_GT(lines, 10);
    EXPECT_EQ(within, 0);
}

/// Of a difference the words are longer than of maps.
TEST(MapKey, fitsAColumn)
{
    const TemporaryFolder folder;
    const auto replay = test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 2});
    const FigureOptions options{.policies = {1}, .against = {.policy = 2, .difference = true}, .width = 3.25};
    const auto done = renderFigure("retention", {.replays = {replay}}, options, folder / "f.svg", {});
    ASSERT_TRUE(done) << done.error().message;
    const Svg svg = parse(folder / "f.svg");
    int found = 0;
    for (const Element& element : svg.elements) {
        if (element.name != QLatin1String("text") || element.text != QStringLiteral("reference"))
            continue;
        ++found;
        const double width = element.fontSize * 0.65 * static_cast<double>(element.text.size()); // wider than any such word
        EXPECT_LT(element.points[0].x() + width, svg.page.right());
    }
    EXPECT_EQ(found, 1);
}

TEST(NumberWords, haveASignOnlyWhereTheNumberShownIsNotZero)
{
    EXPECT_EQ(numberWords(-0.02, true), QStringList({QStringLiteral("−0.02"), QStringLiteral("−.02"), QStringLiteral("0")}));
    EXPECT_EQ(numberWords(0.002, true), QStringList({QStringLiteral("0.00"), QStringLiteral("0"), QStringLiteral("0")}));
    EXPECT_EQ(numberWords(1.26, true), QStringList({QStringLiteral("+1.26"), QStringLiteral("+1.26"), QStringLiteral("+1.3")}));
    EXPECT_EQ(numberWords(-0.3, false), QStringList({QStringLiteral("−0.30"), QStringLiteral("−.30"), QStringLiteral("−.3")}));
}

TEST(FigureExport, refusesWhatItCannotWrite)
{
    const TemporaryFolder folder;
    const FigureInputs given{.replays = {test::syntheticReplay({.tokens = 32, .budget = 8, .policies = 2})}};
    EXPECT_THAT(renderFigure("mass", given, {}, folder / "f.jpg", {}).error().message, HasSubstr("does not end in .svg"));
    EXPECT_THAT(renderFigure("mass", given, {.width = 0}, folder / "f.svg", {}).error().message, HasSubstr("choose 1 to 40"));
    EXPECT_FALSE(renderFigure("mass", given, {}, folder / "no" / "such" / "folder" / "f.svg", {}));
    EXPECT_FALSE(std::filesystem::exists(folder / "f.svg"));
}

} // namespace
} // namespace winnow::views
