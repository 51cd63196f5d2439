// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of one head on paper.
#include "core/analysis/figures/attention.h"
#include "views/attention/attention_key.h"
#include "views/attention/lost_tile.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/charts.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

/// One dot of the picture per cell at most; a cell is the largest value it covers and whether that is lost, NaN where all its
/// pairs lie in the future.
LostTile pictured(const AttentionPicture& picture, int columns, int rows, bool maskSinks)
{
    constexpr int kSinks = 4;
    const AttentionTile& tile = picture.tile;
    LostTile small;
    small.tile = {std::min(rows, tile.rows), std::min(columns, tile.columns), {}};
    const auto cells = static_cast<std::size_t>(small.tile.rows) * small.tile.columns;
    small.tile.values.assign(cells, std::numeric_limits<float>::quiet_NaN());
    if (!picture.lost.empty())
        small.lost.assign(cells, false);
    for (int r = 0; r < tile.rows; ++r)
        for (int c = 0; c < tile.columns; ++c) {
            const int key = picture.keys.first + c;
            if (key > picture.queries.first + r || (maskSinks && key < kSinks))
                continue;
            const auto pair = static_cast<std::size_t>(r) * tile.columns + c;
            const auto cell =
                static_cast<std::size_t>(static_cast<std::int64_t>(r) * small.tile.rows / tile.rows) * small.tile.columns +
                static_cast<std::size_t>(static_cast<std::int64_t>(c) * small.tile.columns / tile.columns);
            if (small.tile.values[cell] >= tile.values[pair]) // false for a cell that is still NaN
                continue;
            small.tile.values[cell] = tile.values[pair];
            small.largest = std::max(small.largest, tile.values[pair]);
            if (!picture.lost.empty())
                small.lost[cell] = picture.lost[pair];
        }
    return small;
}

/// A line at the step whose row is listed, where it is in the picture.
void drawStep(QCPPainter* painter, const QCPAxisRect* rect, const AttentionPicture& picture, const PlotStyle& style)
{
    const int step = picture.row.step;
    if (picture.row.tokens.empty() || step < picture.queries.first || step > picture.queries.second)
        return;
    const double y = rect->axis(QCPAxis::atLeft)->coordToPixel(step + 0.5);
    painter->setPen(QPen(style.theme.ink, style.axis));
    painter->drawLine(QLineF(rect->left(), y, rect->right(), y));
}

} // namespace

Result<void> drawAttention(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<AttentionPicture>();
    const Margins margins{.left = 62, .top = 22, .right = picture.lost.empty() ? 66.0 : 96.0, .bottom = 40};
    const double pixels = options.width * kUnitsPerInch / kPaperScale;
    const double columns = pixels - margins.left - margins.right;
    const double aspect = std::clamp(double(picture.tile.rows) / std::max(1, picture.tile.columns), 0.3, 1.2);
    const int dots = static_cast<int>(columns * kPaperScale / kUnitsPerInch * 600);
    const LostTile shown = pictured(picture, dots, static_cast<int>(dots * aspect), options.maskSinks);
    const AttentionTile& small = shown.tile;
    const double perCell = std::max(double(picture.tile.columns) / small.columns, double(picture.tile.rows) / small.rows);
    Figure described = figure;
    described.caption += perCell > 1
                             ? fmt::format(", each dot the largest of {:.1f} by {:.1f} pairs",
                                           double(picture.tile.columns) / small.columns, double(picture.tile.rows) / small.rows)
                             : std::string(", one cell per pair of tokens");
    described.caption += options.isLogScale() ? ", log scale" : ", linear scale";
    described.caption += options.maskSinks ? ", the first four keys left out" : "";
    FigurePage page(described, options, (columns * aspect + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, margins);
    page.layOut();
    const QImage cells = attentionImage(small, shown.lost, options.isLogScale(), shown.largest, page.style.theme);
    rect->axis(QCPAxis::atBottom)->setTicker(QSharedPointer<TokenTicker>::create());
    rect->axis(QCPAxis::atBottom)->setRange(picture.keys.first, picture.keys.second + 1);
    rect->axis(QCPAxis::atBottom)->setLabel(QStringLiteral("Key position i (token)"));
    rect->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<TokenTicker>::create());
    rect->axis(QCPAxis::atLeft)->setRangeReversed(true);
    rect->axis(QCPAxis::atLeft)->setRange(picture.queries.first, picture.queries.second + 1);
    rect->axis(QCPAxis::atLeft)->setLabel(QStringLiteral("Query position t (step)"));
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) {
        drawCells(painter, rect->rect(), cells, true);
        drawStep(painter, rect, picture, page.style);
    });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawAttentionKey(painter, rect, page.style, !shown.lost.empty(),
                         options.isLogScale() ? std::nullopt : std::optional(double(shown.largest)));
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
