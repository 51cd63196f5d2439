// Figures of one step on paper: the deck's strips, the text, the lanes as a head map, and how policies overlap.
#include "core/analysis/kept_share.h"
#include "views/plot/color_scale.h"
#include "views/export/figures_page.h"
#include "views/text/text_view_flow.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kStrip = 16, kKey = 20; ///< logical pixels

double pageColumns(const FigureOptions& options) { return options.width * kUnitsPerInch / kPaperScale; }

/// An axis whose cells have words: `names[i]` in the middle of [i, i + 1).
void nameCells(QCPAxis* axis, const std::vector<QString>& names, bool reversed)
{
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    for (std::size_t i = 0; i < names.size(); ++i)
        ticker->addTick(double(i) + 0.5, names[i]);
    axis->setTicker(ticker);
    axis->setTickLength(0);
    axis->setRange(0, double(names.size()));
    axis->setRangeReversed(reversed);
}

std::vector<QString> numbers(const std::vector<int>& values, int every)
{
    std::vector<QString> texts;
    for (std::size_t i = 0; i < values.size(); ++i)
        texts.push_back(static_cast<int>(i) % every == 0 ? QString::number(values[i]) : QString());
    return texts;
}

/// Tokens as the columns of a strip, no finer than `dots`.
QImage stripImage(const KeptPicture::Row& row, int dots, const Theme& theme)
{
    const int tokens = static_cast<int>(row.bytes.size()), columns = std::min(tokens, dots);
    RetentionPlane plane{{0, double(tokens), 0, 1, columns, 1}, {}};
    for (int column = 0; column < columns; ++column) {
        const int first = plane.raster.firstToken(column), end = plane.raster.endToken(column, tokens);
        plane.bytes.push_back(strongestByte(std::span(row.bytes).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first))));
    }
    return renderPlane(plane, colorTable(theme, ColorScale::make(ScaleKind::Linear)), theme);
}

/// A gray by share of the range of all panels, as in the window's lane grid.
QImage laneImage(const LanePicture::Panel& panel, double least, double most, const Theme& theme)
{
    const int layers = static_cast<int>(panel.values.size()) / panel.lanes;
    QImage image(panel.lanes, layers, QImage::Format_RGB32);
    for (int layer = 0; layer < layers; ++layer)
        for (int lane = 0; lane < panel.lanes; ++lane) {
            const double value = panel.values[static_cast<std::size_t>(layer) * panel.lanes + lane];
            image.setPixel(lane, layer, std::isnan(value) ? theme.page.rgb() : laneColor(theme, value, least, most));
        }
    return image;
}

Result<void> drawKept(const KeptPicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto rows = static_cast<double>(picture.rows.size());
    std::vector<QString> names;
    for (const auto& row : picture.rows)
        names.push_back(QString::fromStdString(row.label));
    const PlotStyle style = PlotStyle::onPaper();
    double widest = 0;
    for (const QString& name : names)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(name) / style.unit);
    const Margins margins{.left = widest + 14, .top = 6 + kKey, .right = 10, .bottom = 40};
    FigurePage page(figure, options, (rows * kStrip + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, margins);
    page.layOut();
    nameCells(rect->axis(QCPAxis::atLeft), names, true);
    QCPAxis* x = rect->axis(QCPAxis::atBottom);
    x->setTicker(QSharedPointer<GroupedTicker>::create());
    x->setRange(picture.tokens.first, picture.tokens.second + 1);
    x->setLabel(QStringLiteral("Token position i"));
    setTickCount(x, rect->width(), grouped(picture.tokens.second), page.style);
    const int dots = static_cast<int>((pageColumns(options) - margins.left - margins.right) * kPaperScale / kUnitsPerInch * 600);
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) {
        for (std::size_t i = 0; i < picture.rows.size(); ++i) {
            const double top = rect->top() + rect->height() * double(i) / rows;
            drawCells(painter, QRectF(rect->left(), top + page.style.px(1), rect->width(), rect->height() / rows - page.style.px(2)),
                      stripImage(picture.rows[i], dots, page.style.theme), true);
        }
    });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, page.style, rect->left(), page.style.px(6), rect->right());
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawText(const KeptPicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const PlotStyle style = PlotStyle::onPaper();
    TextFlow flow(*picture.info);
    const double side = style.px(8), width = options.width * kUnitsPerInch - 2 * side;
    flow.layOut(style.label, width);
    const QFontMetricsF metrics(style.label);
    const double pitch = metrics.height() * 1.25, nameHeight = picture.rows.size() > 1 ? metrics.height() * 1.6 : 0;
    const int first = flow.firstLineOf(picture.tokens.first), last = flow.lastLineOf(picture.tokens.second);
    const double height = flow.lineTop(last, pitch) + pitch - flow.lineTop(first, pitch), block = nameHeight + height + style.px(12);
    const double key = style.px(kKey + 8);
    FigurePage page(figure, options, (key + block * double(picture.rows.size())) / kUnitsPerInch);
    page.layOut();
    const ColorTable grounds = textGrounds(style.theme);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, style, side, style.px(6), side + width);
        for (std::size_t r = 0; r < picture.rows.size(); ++r) {
            const KeptPicture::Row& row = picture.rows[r];
            double top = key + block * double(r);
            if (nameHeight > 0) {
                painter->setFont(style.letter);
                painter->setPen(style.theme.ink);
                painter->drawText(QPointF(side, top + metrics.ascent()),
                                  QStringLiteral("(%1) %2").arg(QChar('a' + static_cast<int>(r))).arg(QString::fromStdString(row.label)));
                top += nameHeight;
            }
            painter->setFont(style.label);
            const double up = flow.lineTop(first, pitch);
            for (int line = first; line <= last; ++line)
                for (const TextFlow::Piece& piece : flow.pieces(line)) {
                    const TokenBox& box = flow.display().boxes[static_cast<std::size_t>(piece.box)];
                    const int from = std::max(box.firstToken, picture.tokens.first), to = std::min(box.lastToken, picture.tokens.second);
                    if (from > to)
                        continue;
                    const QRectF place(side + piece.left, top + flow.lineTop(line, pitch) - up, piece.right - piece.left, pitch);
                    const std::uint8_t byte = strongestByte(std::span(row.bytes).subspan(static_cast<std::size_t>(from - picture.tokens.first),
                                                                                         static_cast<std::size_t>(to - from + 1)));
                    if (grounds[byte] != 0)
                        painter->fillRect(place.adjusted(0, style.px(0.5), -style.px(0.5), -style.px(0.5)), QColor::fromRgb(grounds[byte]));
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

} // namespace

Result<void> drawFigure(const KeptPicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    return picture.info ? drawText(picture, figure, options, out) : drawKept(picture, figure, options, out);
}

Result<void> drawFigure(const LanePicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const int panels = static_cast<int>(picture.panels.size()), across = std::min(panels, options.width < 4.5 ? 2 : 3);
    const int down = (panels + across - 1) / across, layers = static_cast<int>(picture.layers.size());
    const Margins margins{.left = 40, .top = 22, .right = 8, .bottom = 38};
    const double cell = std::clamp(90.0 / std::max(1, layers), 4.0, 14.0);
    FigurePage page(figure, options, (down * (layers * cell + margins.top + margins.bottom) + kKey) * kPaperScale / kUnitsPerInch);
    double least = HUGE_VAL, most = -HUGE_VAL;
    for (const auto& panel : picture.panels)
        for (const double value : panel.values)
            if (!std::isnan(value)) {
                least = std::min(least, value);
                most = std::max(most, value);
            }
    int fewest = picture.panels.front().lanes;
    for (const auto& panel : picture.panels)
        fewest = std::min(fewest, panel.lanes);
    std::vector<QCPAxisRect*> rects;
    for (int p = 0; p < panels; ++p)
        rects.push_back(page.addRect(p / across, p % across, margins));
    page.plot.plotLayout()->setMargins(page.plot.plotLayout()->margins() + QMargins(0, page.style.px(kKey), 0, 0));
    page.layOut();
    const int every = std::max(1, static_cast<int>(std::ceil(QFontMetricsF(page.style.tick).height() / page.style.px(cell))));
    for (int p = 0; p < panels; ++p) {
        const LanePicture::Panel& panel = picture.panels[static_cast<std::size_t>(p)];
        QCPAxisRect* rect = rects[static_cast<std::size_t>(p)];
        std::vector<int> heads(static_cast<std::size_t>(panel.lanes));
        for (int head = 0; head < panel.lanes; ++head)
            heads[static_cast<std::size_t>(head)] = head;
        nameCells(rect->axis(QCPAxis::atLeft), numbers(picture.layers, every), true);
        nameCells(rect->axis(QCPAxis::atBottom), numbers(heads, 1 + panel.lanes / 12), false);
        rect->axis(QCPAxis::atLeft)->setLabel(QStringLiteral("Layer"));
        rect->axis(QCPAxis::atBottom)->setLabel(panel.lanes > fewest ? QStringLiteral("Query head") : QStringLiteral("KV head"));
        new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&, rect, p](QCPPainter* painter) {
            drawCells(painter, rect->rect(), laneImage(picture.panels[static_cast<std::size_t>(p)], least, most, page.style.theme), true);
        });
    }
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        const QFontMetricsF metrics(page.style.tick);
        painter->setFont(page.style.tick);
        painter->setPen(page.style.theme.ink);
        for (int p = 0; p < panels; ++p) {
            const QRect place = rects[static_cast<std::size_t>(p)]->rect();
            const QString label = QString::fromStdString(picture.panels[static_cast<std::size_t>(p)].label);
            const QString name = panels > 1 ? QStringLiteral("(%1) %2").arg(QChar('a' + p)).arg(label) : label;
            painter->drawText(QPointF(place.left(), place.top() - page.style.px(5)),
                              metrics.elidedText(name, Qt::ElideRight, place.width() + page.style.px(margins.right)));
        }
        if (!(least <= most))
            return;
        const int digits = picture.metric == "slots" ? 0 : 3;
        double x = page.style.px(margins.left);
        const double base = page.style.px(13);
        const auto word = [&](const QString& text) {
            painter->drawText(QPointF(x, base), text);
            x += metrics.horizontalAdvance(text) + page.style.px(6);
        };
        word(QString::fromStdString(picture.metric));
        word(QString::number(least, 'f', digits));
        QImage ramp(111, 1, QImage::Format_RGB32);
        for (int i = 0; i < ramp.width(); ++i)
            ramp.setPixel(i, 0, laneColor(page.style.theme, i, 0, ramp.width() - 1));
        drawCells(painter, QRectF(x, base - page.style.px(8), page.style.px(60), page.style.px(9)), ramp, true);
        x += page.style.px(66);
        word(QString::number(most, 'f', digits));
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawFigure(const Comparison& comparison, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    std::vector<QString> names;
    for (const auto& row : comparison.rows)
        names.push_back(QStringLiteral("%1 %2").arg(names.size() + 1).arg(QString::fromStdString(row.label)));
    const PlotStyle style = PlotStyle::onPaper();
    double widest = 0;
    for (const QString& name : names)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(name) / style.unit);
    const Margins margins{.left = widest + 14, .top = 8, .right = 10, .bottom = 40};
    const double side = std::min(pageColumns(options) - margins.left - margins.right, 46.0 * double(names.size()));
    FigurePage page(figure, options, (std::min(side, 22.0 * double(names.size())) + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, {margins.left, margins.top, pageColumns(options) - margins.left - side, margins.bottom});
    page.layOut();
    OverlapChart chart(rect);
    chart.show(comparison, names, -1, -1, page.style);
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
