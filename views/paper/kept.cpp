// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of one step on paper: the deck's strips, and the text.
#include "core/analysis/kept_share.h"
#include "core/analysis/step_pictures.h"
#include "views/paper/drawings.h"
#include "views/paper/maps.h"
#include "views/plot/color_scale.h"
#include "views/plot/token_ticker.h"
#include "views/text/text_view_flow.h"

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
                      QRectF(rect->left(), top + page.style.px(1), rect->width(), rect->height() / rows - page.style.px(2)),
                      stripImage(picture.rows[i], dots, scale, page.style.theme), true);
        }
    });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        const double side = page.style.px(8); // the key has the whole width
        drawMapKey(painter, page.style, side, page.style.px(6), page.options.inches.width() * kUnitsPerInch - side,
                   picture.reference >= 0);
        painter->setPen(QPen(page.style.theme.ink, page.style.line));
        for (const FigureSpan& span : options.spans) {
            const double from = std::max(x->coordToPixel(span.tokens.first), double(rect->left()));
            const double to = std::min(x->coordToPixel(span.tokens.second + 1), double(rect->right()) + 1);
            if (to <= from)
                continue;
            const double top = rect->top() - page.style.px(3), foot = rect->top();
            painter->drawPolyline(QPolygonF({{from, foot}, {from, top}, {to, top}, {to, foot}}));
        }
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawText(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<KeptPicture>();
    const PlotStyle style = PlotStyle::onPaper();
    TextFlow flow(*picture.info);
    const double side = style.px(8), width = options.width * kUnitsPerInch - 2 * side;
    flow.layOut(style.label, width);
    const QFontMetricsF metrics(style.label);
    const double pitch = metrics.height() * 1.25, nameHeight = picture.rows.size() > 1 ? metrics.height() * 1.6 : 0;
    const int first = flow.firstLineOf(picture.tokens.first), last = flow.lastLineOf(picture.tokens.second);
    const double height = flow.lineTop(last, pitch) + pitch - flow.lineTop(first, pitch),
                 block = nameHeight + height + style.px(12);
    const double key = style.px(kKey + 8);
    FigurePage page(figure, options, (key + block * double(picture.rows.size())) / kUnitsPerInch);
    page.layOut();
    const ColorTable grounds = textGrounds(style.theme);
    const DifferenceTable differences = textDifferenceGrounds(style.theme);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, style, side, style.px(6), side + width, picture.reference >= 0);
        for (std::size_t r = 0; r < picture.rows.size(); ++r) {
            const KeptPicture::Row& row = picture.rows[r];
            double top = key + block * double(r);
            if (nameHeight > 0) {
                painter->setFont(style.letter);
                painter->setPen(style.theme.ink);
                painter->drawText(
                    QPointF(side, top + metrics.ascent()),
                    QStringLiteral("(%1) %2").arg(QChar('a' + static_cast<int>(r))).arg(QString::fromStdString(row.label)));
                top += nameHeight;
            }
            painter->setFont(style.label);
            const double up = flow.lineTop(first, pitch);
            for (int line = first; line <= last; ++line)
                for (const TextFlow::Piece& piece : flow.pieces(line)) {
                    const TokenBox& box = flow.display().boxes[static_cast<std::size_t>(piece.box)];
                    const int from = std::max(box.firstToken, picture.tokens.first),
                              to = std::min(box.lastToken, picture.tokens.second);
                    if (from > to)
                        continue;
                    const QRectF place(side + piece.left, top + flow.lineTop(line, pitch) - up, piece.right - piece.left, pitch);
                    const std::uint8_t byte = strongestByte(std::span(row.bytes).subspan(
                        static_cast<std::size_t>(from - picture.tokens.first), static_cast<std::size_t>(to - from + 1)));
                    const QRgb ground = row.cells.empty() ? grounds[byte]
                                                          : differences[strongestCell(std::span(row.cells).subspan(
                                                                static_cast<std::size_t>(from - picture.tokens.first),
                                                                static_cast<std::size_t>(to - from + 1)))];
                    if (ground != 0)
                        painter->fillRect(place.adjusted(0, style.px(0.5), -style.px(0.5), -style.px(0.5)),
                                          QColor::fromRgb(ground));
                    const Extent line_ = flow.lineExtent(line);
                    const Extent seen{std::max(box.extent.begin, line_.begin), std::min(box.extent.end, line_.end)};
                    painter->setPen(byte == kUnborn || box.special ? style.theme.muted : style.theme.ink);
                    painter->drawText(QPointF(place.left(), place.top() + (pitch - metrics.height()) / 2 + metrics.ascent()),
                                      flow.display().text.mid(seen.begin, seen.end - seen.begin));
                }
        }
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
