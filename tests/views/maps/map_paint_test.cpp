// SPDX-License-Identifier: GPL-3.0-or-later
// How retention maps are painted: colors, zoom, and maps on paper.
#include "views/maps/map_plot.h"

#include "tests/support/synthetic_replay.h"

#include <QBuffer>
#include <QRegularExpression>
#include <QSvgGenerator>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

/// The maps of a synthetic replay on paper of `size` points.
QByteArray paintedSvg(const QSize& size, const test::SyntheticOptions& options, const SelectionState& state, double pixelsPerUnit)
{
    QByteArray svg;
    QBuffer buffer(&svg);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(72);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(), size));
    QCPPainter painter;
    EXPECT_TRUE(painter.begin(&generator));
    paintMaps(&painter, {.size = size,
                         .data = {test::syntheticInfo(options), nullptr, test::syntheticReplay(options)},
                         .state = state,
                         .pixelsPerUnit = pixelsPerUnit});
    painter.end();
    return svg;
}

TEST(ColorScaleTest, neverChangesEvictedAndNeverGoesDown)
{
    ShareHistogram shown{};
    for (std::size_t i = 1; i < 127; ++i)
        shown[i] = i < 40 ? 1000 : 1;
    for (const ScaleKind kind : {ScaleKind::Linear, ScaleKind::Log, ScaleKind::Rank, ScaleKind::Clipped}) {
        const ColorScale scale = ColorScale::make(kind, shown);
        EXPECT_EQ(scale.index[0], 0);
        EXPECT_GE(scale.index[1], 1);
        EXPECT_EQ(scale.index[126], 126);
        EXPECT_TRUE(std::is_sorted(scale.index.begin(), scale.index.end()));
    }
    EXPECT_EQ(ColorScale::make(ScaleKind::Clipped, shown).index[40], 126);
    EXPECT_EQ(ColorScale::make(ScaleKind::Log).index[63], 105) << "half is one octave of six below the top";
}

TEST(RenderPlane, keepsTheGroundsApart)
{
    const Theme& theme = Theme::lightTheme();
    RetentionPlane plane{{0, 5, 0, 1, 5, 1}, {0, kUnborn, 126, kByRule + 126, kOutOfReach}};
    const QImage image = renderPlane(plane, colorTable(theme, ColorScale::make(ScaleKind::Linear)), theme, 4);
    EXPECT_EQ(image.pixel(0, 0), theme.none);
    EXPECT_EQ(image.pixel(1, 0), theme.page.rgb());
    EXPECT_EQ(image.pixel(2, 0), theme.choice.back());
    EXPECT_EQ(image.pixel(3, 0), theme.rule.back());
    EXPECT_EQ(image.pixel(4, 0), theme.line.rgb()) << "hatch: column 4 of pitch 4";
}

TEST(ZoomArithmetic, staysInsideAndKeepsAtLeastEight)
{
    EXPECT_TRUE(zoomedAt({}, 100, 50, 50, 0.5, 0.5).isEmpty());
    const Zoom close = zoomedAt({}, 100, 0, 99, 1000, 1000);
    EXPECT_EQ(close.tokenBegin, 0);
    EXPECT_EQ(close.tokenEnd, 8);
    EXPECT_LE(close.stepEnd, 100);
    EXPECT_EQ(zoomTo(5, 1, 2, 1, 2), Zoom{}) << "a text of five tokens is shown whole";
    EXPECT_EQ(axisTicks(0, 2048, 214, 40), (std::vector<int>{0, 512, 1024, 1536, 2048}));
    EXPECT_EQ(axisTicks(0, 768, 135, 28), (std::vector<int>{0, 192, 384, 576, 768})) << "five where powers of two give four";
    EXPECT_FALSE(clippedLine({-5, -5, -1, 20}, {0, 0, 10, 10}));
    EXPECT_EQ(*clippedLine({-10, 5, 20, 5}, {0, 0, 10, 10}), QLineF(0, 5, 10, 5));
}

TEST(PaintMaps, saysNameBudgetAndMassOfEveryPanelHoweverSmall)
{
    const test::SyntheticOptions options{.tokens = 512, .layers = 1, .lanes = 2, .budget = 64, .policies = 8, .prompt = 256};
    const QByteArray svg = paintedSvg({366, 720}, options, {}, 2);
    EXPECT_EQ(svg.count("64 slots, mass "), 8);
    for (int policy = 1; policy <= 8; ++policy)
        EXPECT_TRUE(svg.contains(QByteArray(">") + QByteArray::number(policy) + " ")) << policy;
}

TEST(PaintMaps, putsRealTextAndNothingOutsideThePaperIntoAnSvg)
{
    const test::SyntheticOptions options{.tokens = 512, .layers = 1, .lanes = 2, .budget = 64, .policies = 3, .prompt = 200};
    SelectionState state;
    state.step = 300;
    state.tokenRange = Range{10, 500};
    state.token = 2;
    state.spans = {{Range{240, 260}, QStringLiteral("needle")}};
    state.zoom = {200, 330, 150, 400};
    const QByteArray svg = paintedSvg({764, 240}, options, state, 5);
    EXPECT_EQ(svg.count("<image"), 3 * 4) << "map, gutter and two rugs per panel";
    for (const char* text : {"1 streaming", "needle", "end of prompt", "token", "step"})
        EXPECT_TRUE(svg.contains(text) || svg.contains(QByteArray(text).replace("streaming", "StreamingLLM"))) << text;
    const QString written = QString::fromUtf8(svg);
    int numbers = 0;
    const auto inside = [&](double x, double y) {
        EXPECT_TRUE(x >= -1 && x <= 765 && y >= -1 && y <= 241) << x << ", " << y;
        ++numbers;
    };
    auto lines = QRegularExpression(QStringLiteral("(?:points|d)=\"([^\"]*)\"")).globalMatch(written);
    while (lines.hasNext()) {
        auto pairs = QRegularExpression(QStringLiteral("(-?[0-9.]+),(-?[0-9.]+)")).globalMatch(lines.next().captured(1));
        while (pairs.hasNext()) {
            const auto pair = pairs.next();
            inside(pair.captured(1).toDouble(), pair.captured(2).toDouble());
        }
    }
    auto boxes =
        QRegularExpression(QStringLiteral("<(?:rect|image) x=\"([^\"]*)\" y=\"([^\"]*)\" width=\"([^\"]*)\" height=\"([^\"]*)\""))
            .globalMatch(written);
    while (boxes.hasNext()) {
        const auto box = boxes.next();
        inside(box.captured(1).toDouble(), box.captured(2).toDouble());
        inside(box.captured(1).toDouble() + box.captured(3).toDouble(), box.captured(2).toDouble() + box.captured(4).toDouble());
    }
    EXPECT_GT(numbers, 50);
}

} // namespace
} // namespace winnow::views
