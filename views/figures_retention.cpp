// The retention maps on paper, with their key.
#include "views/figures_page.h"
#include "views/map_grid.h"

#include <algorithm>
#include <span>

namespace winnow::views {

namespace {

/// What the colors of the maps mean, in one line from `left`, `top` on.
void drawMapKey(QCPPainter* painter, const PlotStyle& style, double left, double top, double width)
{
    const QFontMetricsF metrics(style.tick);
    const double size = style.px(9), base = top + size / 2 + metrics.capHeight() / 2;
    painter->setFont(style.tick);
    const QStringList names{QStringLiteral("not read yet"), QStringLiteral("evicted"), QStringLiteral("kept by rule"),
                            QStringLiteral("kept by choice, few to all lanes")};
    const double swatches = 2 * size + style.px(2 * 36 + 4 * 20);
    const bool roomy = left + swatches + metrics.horizontalAdvance(names.join(QString())) < width;
    const auto word = [&](const QString& text) {
        painter->setPen(style.theme.ink);
        painter->drawText(QPointF(left + style.px(4), base), text);
        left += metrics.horizontalAdvance(text) + style.px(16);
    };
    const auto ramp = [&](std::span<const QRgb> colors, double length) {
        QImage image(static_cast<int>(colors.size()), 1, QImage::Format_RGB32);
        std::copy(colors.begin(), colors.end(), reinterpret_cast<QRgb*>(image.scanLine(0)));
        drawCells(painter, QRectF(left, top, length, size), image, true);
        left += length;
    };
    painter->setPen(QPen(style.theme.muted, style.axis));
    painter->drawRect(QRectF(left, top, size, size));
    left += size;
    word(roomy ? names[0] : QStringLiteral("not read"));
    ramp(std::span(style.theme.choice).first(1), size);
    word(names[1]);
    ramp(std::span(style.theme.rule).subspan(1), style.px(36));
    word(roomy ? names[2] : QStringLiteral("by rule"));
    ramp(std::span(style.theme.choice).subspan(1), style.px(36));
    word(roomy ? names[3] : QStringLiteral("by choice"));
}

} // namespace

Result<void> drawRetention(const RetentionPicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const int policies = static_cast<int>(picture.replay->policies.size());
    ViewData data;
    data.replay = picture.replay;
    data.tokensRecorded = static_cast<int>(picture.replay->tokenIds.size());
    SelectionState state;
    state.hidden.assign(static_cast<std::size_t>(policies), true);
    for (const int policy : picture.policies)
        state.hidden[static_cast<std::size_t>(policy)] = false;
    for (const auto& [layer, head] : picture.lanes)
        state.lanes.push_back({layer, head});
    std::sort(state.lanes.begin(), state.lanes.end());
    state.zoom = {double(picture.tokens.first), picture.tokens.second + 1.0, double(picture.steps.first), picture.steps.second + 1.0};
    state.step = data.tokensRecorded - 1;

    constexpr int kKeyHeight = 20, kTitleHeight = 30;
    const int width = qRound(options.width * kUnitsPerInch / kPaperScale);
    const QSize shape = mapGridShape(static_cast<int>(picture.policies.size()), width);
    const int panel = width / std::max(1, shape.width());
    const QSize maps(width, shape.height() * (std::max(150, panel * 4 / 5) + kTitleHeight));
    FigurePage page(figure, options, (maps.height() + kKeyHeight) * kPaperScale / kUnitsPerInch);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, page.style, page.style.px(10), page.style.px(maps.height() + 5), page.options.inches.width() * kUnitsPerInch);
    });
    const auto paint = [&](QPainter& painter) {
        auto& plotPainter = static_cast<QCPPainter&>(painter);
        page.plot.toPainter(&plotPainter, qRound(page.options.inches.width() * kUnitsPerInch),
                            qRound(page.options.inches.height() * kUnitsPerInch)); // the caption
        painter.save();
        painter.scale(kPaperScale, kPaperScale);
        paintMaps(&plotPainter, maps, data, state, kPaperScale * 600 / kUnitsPerInch, ScaleKind::Linear, false);
        painter.restore();
        painter.setFont(page.style.letter);
        painter.setPen(page.style.theme.ink);
        for (std::size_t i = 0; i < picture.policies.size() && picture.policies.size() > 1; ++i) {
            const int row = static_cast<int>(i) / shape.width(), column = static_cast<int>(i) % shape.width();
            painter.drawText(QPointF(page.style.px(double(width) * column / shape.width() + 4),
                                     page.style.px(double(maps.height()) * row / shape.height() + 13)),
                             QStringLiteral("(%1)").arg(QChar('a' + static_cast<int>(i))));
        }
    };
    return exportDrawing(paint, page.options, out);
}

} // namespace winnow::views
