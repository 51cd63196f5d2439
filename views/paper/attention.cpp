// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of one head on paper.
#include "core/analysis/figures/attention.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/charts.h"
#include "views/plot/short_number.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

/// One dot of the picture per cell at most; a cell is the largest value it covers, NaN where all its pairs lie in the future.
AttentionTile pictured(const AttentionPicture& picture, int columns, int rows, bool maskSinks)
{
    constexpr int kSinks = 4;
    const AttentionTile& tile = picture.tile;
    AttentionTile small{std::min(rows, tile.rows), std::min(columns, tile.columns), {}};
    small.values.assign(static_cast<std::size_t>(small.rows) * small.columns, std::numeric_limits<float>::quiet_NaN());
    for (int r = 0; r < tile.rows; ++r)
        for (int c = 0; c < tile.columns; ++c) {
            const int key = picture.keys.first + c;
            if (key > picture.queries.first + r || (maskSinks && key < kSinks))
                continue;
            const auto cell = static_cast<std::size_t>(static_cast<std::int64_t>(r) * small.rows / tile.rows) * small.columns +
                              static_cast<std::size_t>(static_cast<std::int64_t>(c) * small.columns / tile.columns);
            small.values[cell] = std::fmax(small.values[cell], tile.values[static_cast<std::size_t>(r) * tile.columns + c]);
        }
    return small;
}

void drawKey(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, bool logScale, double most)
{
    QImage ramp(1, 127, QImage::Format_RGB32);
    for (int i = 0; i < 127; ++i)
        ramp.setPixel(0, 126 - i, style.theme.choice[static_cast<std::size_t>(i)]);
    const QRectF bar(rect->right() + style.px(10), rect->top(), style.px(9), rect->height());
    drawCells(painter, bar, ramp, true);
    painter->setPen(QPen(style.theme.ink, style.axis));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(bar);
    painter->setFont(style.tick);
    painter->drawText(
        QRectF(rect->right() - style.px(60), bar.top() - style.px(18), style.px(60) + bar.right() - rect->right(), style.px(16)),
        Qt::AlignRight | Qt::AlignBottom, QStringLiteral("attention"));
    const QStringList texts = logScale ? QStringList{QStringLiteral("10⁻⁴"), QStringLiteral("0.01"), QStringLiteral("1")}
                                       : QStringList{QStringLiteral("0"), shortNumber(most / 2), shortNumber(most)};
    const double cap = QFontMetricsF(style.tick).capHeight();
    for (int i = 0; i < 3; ++i)
        painter->drawText(QPointF(bar.right() + style.px(4), bar.bottom() - (bar.height() - cap) * i / 2), texts[i]);
}

} // namespace

Result<void> drawAttention(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<AttentionPicture>();
    const Margins margins{.left = 62, .top = 22, .right = 52, .bottom = 40};
    const double pixels = options.width * kUnitsPerInch / kPaperScale;
    const double columns = pixels - margins.left - margins.right;
    const double aspect = std::clamp(double(picture.tile.rows) / std::max(1, picture.tile.columns), 0.3, 1.2);
    const int dots = static_cast<int>(columns * kPaperScale / kUnitsPerInch * 600);
    const AttentionTile small = pictured(picture, dots, static_cast<int>(dots * aspect), options.maskSinks);
    const double perCell = std::max(double(picture.tile.columns) / small.columns, double(picture.tile.rows) / small.rows);
    Figure described = figure;
    described.caption += perCell > 1
                             ? fmt::format(", each dot the largest of {:.1f} by {:.1f} pairs",
                                           double(picture.tile.columns) / small.columns, double(picture.tile.rows) / small.rows)
                             : std::string(", one cell per pair of tokens");
    described.caption += options.logScale ? ", log scale" : ", linear scale";
    described.caption += options.maskSinks ? ", the first four keys left out" : "";
    FigurePage page(described, options, (columns * aspect + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, margins);
    page.layOut();
    double most = 0;
    for (const float value : small.values)
        most = std::fmax(most, value);
    const QImage cells = attentionImage(small, {}, options.logScale, most, page.style.theme);
    rect->axis(QCPAxis::atBottom)->setTicker(QSharedPointer<TokenTicker>::create());
    rect->axis(QCPAxis::atBottom)->setRange(picture.keys.first, picture.keys.second + 1);
    rect->axis(QCPAxis::atBottom)->setLabel(QStringLiteral("Key position i (token)"));
    rect->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<TokenTicker>::create());
    rect->axis(QCPAxis::atLeft)->setRangeReversed(true);
    rect->axis(QCPAxis::atLeft)->setRange(picture.queries.first, picture.queries.second + 1);
    rect->axis(QCPAxis::atLeft)->setLabel(QStringLiteral("Query position t (step)"));
    new PlotPainter(&page.plot, QStringLiteral("main"), rect,
                    [&](QCPPainter* painter) { drawCells(painter, rect->rect(), cells, true); });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr,
                    [&](QCPPainter* painter) { drawKey(painter, rect, page.style, options.logScale, most); });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
