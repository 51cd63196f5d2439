// SPDX-License-Identifier: GPL-3.0-or-later
// The deck's strips of one step on paper.
#include "core/analysis/kept_share.h"
#include "core/analysis/step_pictures.h"
#include "views/paper/drawings.h"
#include "views/paper/maps.h"
#include "views/plot/color_scale.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kStrip = 16, kKey = 20; ///< logical pixels

/// Tokens as the columns of a strip, no finer than `dots`.
RetentionPlane stripPlane(const KeptPicture::Row& row, int dots)
{
    const int tokens = static_cast<int>(row.bytes.size()), columns = std::min(tokens, dots);
    RetentionPlane plane{{0, double(tokens), 0, 1, columns, 1}, {}};
    for (int column = 0; column < columns; ++column) {
        const int first = plane.raster.firstToken(column), end = plane.raster.endToken(column, tokens);
        plane.bytes.push_back(
            strongestByte(std::span(row.bytes).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first))));
    }
    return plane;
}

QImage stripImage(const KeptPicture::Row& row, int dots, const ColorScale& scale, const Theme& theme)
{
    if (!row.cells.empty()) {
        const int tokens = static_cast<int>(row.bytes.size()), columns = std::min(tokens, dots);
        DifferencePlane plane{{0, double(tokens), 0, 1, columns, 1}, {}};
        for (int column = 0; column < columns; ++column) {
            const int first = plane.raster.firstToken(column), end = plane.raster.endToken(column, tokens);
            plane.cells.push_back(strongestCell(
                std::span(row.cells).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first))));
        }
        return renderPlane(plane, differenceTable(theme), theme);
    }
    return renderPlane(stripPlane(row, dots), colorTable(theme, scale), theme);
}

} // namespace

Result<void> drawKept(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<KeptPicture>();
    const auto rows = static_cast<double>(picture.rows.size());
    std::vector<QString> names;
    for (const auto& row : picture.rows)
        names.push_back(QString::fromStdString(row.label));
    const PlotStyle style = PlotStyle::onPaper();
    double widest = 0;
    for (const QString& name : names)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(name) / style.unit);
    const Margins margins{.left = widest + 14, .top = 6 + kKey, .right = 10, .bottom = 40};
    Figure described = figure;
    described.caption += picture.reference < 0 ? scaleCaption(options.scale) : std::string();
    FigurePage page(described, options, (rows * kStrip + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, margins);
    page.layOut();
    nameCells(rect->axis(QCPAxis::atLeft), names, true);
    QCPAxis* x = rect->axis(QCPAxis::atBottom);
    x->setTicker(QSharedPointer<TokenTicker>::create());
    x->setRange(picture.tokens.first, picture.tokens.second + 1);
    x->setLabel(QStringLiteral("Token position i"));
    setTickCount(x, rect->width(), grouped(picture.tokens.second), page.style);
    const int dots = static_cast<int>((columnsOf(options) - margins.left - margins.right) * kPaperScale / kUnitsPerInch * 600);
    const ColorScale scale = picture.maps ? scaleOfMaps(mapsOnPaper(*picture.maps, options)) // as in the window
                                          : ColorScale::make(scaleNamed(options.scale));
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) {
        for (std::size_t i = 0; i < picture.rows.size(); ++i) {
            const double top = rect->top() + rect->height() * double(i) / rows;
            drawCells(painter,
                      QRectF(rect->left(), top + page.style.px(1), rect->width() - page.style.axis,
                             rect->height() / rows - page.style.px(2)),
                      stripImage(picture.rows[i], dots, scale, page.style.theme), true);
        }
    });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        const double side = page.style.px(8); // the key has the whole width
        drawMapKey(painter, page.style, side, page.style.px(6), page.options.inches.width() * kUnitsPerInch - side,
                   picture.reference >= 0);
        const auto shown = [&](IntRange tokens) {
            return std::pair{std::max(x->coordToPixel(tokens.first), double(rect->left())),
                             std::min(x->coordToPixel(tokens.second + 1), double(rect->right()) + 1)};
        };
        if (options.brush)
            if (const auto [from, to] = shown(*options.brush); to > from) {
                QColor wash = page.style.theme.ink;
                wash.setAlphaF(0.06F);
                painter->fillRect(QRectF(from, rect->top(), to - from, rect->height()), wash);
                painter->setPen(QPen(page.style.theme.ink, page.style.axis));
                for (const double edge : {from, to})
                    painter->drawLine(QLineF(edge, rect->top(), edge, rect->bottom() + 1));
            }
        if (options.token)
            if (const auto [from, to] = shown({*options.token, *options.token}); to > from) {
                QPen dashed(page.style.theme.ink, page.style.line);
                dashed.setDashPattern({3, 3});
                painter->setPen(dashed);
                painter->drawLine(QLineF((from + to) / 2, rect->top(), (from + to) / 2, rect->bottom() + 1));
            }
        for (const int flag : options.flags)
            if (const auto [from, to] = shown({flag, flag}); to > from) {
                const double pole = (from + to) / 2, top = rect->top() - page.style.px(9);
                painter->fillRect(QRectF(pole, top, page.style.line, page.style.px(9)), page.style.theme.ink);
                painter->fillRect(QRectF(pole, top, page.style.px(6), page.style.px(4)), page.style.theme.ink);
            }
        painter->setPen(QPen(page.style.theme.ink, page.style.line));
        for (const FigureSpan& span : options.spans) {
            const auto [from, to] = shown(span.tokens);
            if (to <= from)
                continue;
            const double top = rect->top() - page.style.px(3), foot = rect->top();
            painter->drawPolyline(QPolygonF({{from, foot}, {from, top}, {to, top}, {to, foot}}));
        }
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
