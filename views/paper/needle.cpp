// SPDX-License-Identifier: GPL-3.0-or-later
// The heat maps of needles on paper: lengths across, depths down, as they are usually drawn.
#include "views/paper/drawings.h"
#include "views/paper/page.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kKey = 22; ///< logical pixels

QImage mapImage(const ScoreGrid& grid, std::size_t score, const Theme& theme)
{
    const int depths = static_cast<int>(grid.depths.size()), lengths = static_cast<int>(grid.lengths.size());
    QImage image(lengths, depths, QImage::Format_RGB32);
    for (int depth = 0; depth < depths; ++depth)
        for (int length = 0; length < lengths; ++length) {
            const double value = grid.value(score, static_cast<std::size_t>(depth), static_cast<std::size_t>(length));
            const auto shade = static_cast<std::size_t>(std::lround(std::clamp(value, 0.0, 1.0) * 126));
            image.setPixel(length, depth, std::isnan(value) ? theme.page.rgb() : theme.choice[shade]);
        }
    return image;
}

/// Every so many names, so that they do not touch.
std::vector<QString> namesOf(const std::vector<double>& values, double room, double each, const QString& unit)
{
    const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil(each / std::max(1.0, room))));
    std::vector<QString> names;
    for (std::size_t i = 0; i < values.size(); ++i)
        names.push_back(i % every == 0 ? QLocale(QLocale::English).toString(std::llround(values[i])) + unit : QString());
    return names;
}

void drawKey(QCPPainter* painter, const PlotStyle& style, double left, const QString& word)
{
    const QFontMetricsF metrics(style.tick);
    const double base = style.px(13);
    painter->setFont(style.tick);
    painter->setPen(style.theme.ink);
    const auto say = [&](const QString& text) {
        painter->drawText(QPointF(left, base), text);
        left += metrics.horizontalAdvance(text) + style.px(6);
    };
    say(word);
    say(QStringLiteral("0"));
    QImage ramp(127, 1, QImage::Format_RGB32);
    std::copy(style.theme.choice.begin(), style.theme.choice.end(), reinterpret_cast<QRgb*>(ramp.scanLine(0)));
    drawCells(painter, QRectF(left, base - style.px(8), style.px(60), style.px(9)), ramp, true);
    left += style.px(66);
    say(QStringLiteral("1"));
}

} // namespace

Result<void> drawNeedle(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& maps = figure.numbers.as<NeedleMaps>();
    const ScoreGrid& first = maps.panels.front();
    const int panels = static_cast<int>(maps.panels.size()), across = std::min(panels, options.width < 4.5 ? 2 : 3);
    const int down = (panels + across - 1) / across;
    const Margins margins{.left = 62, .top = 22, .right = 12, .bottom = 40};
    const double cell = std::clamp(110.0 / static_cast<double>(first.depths.size()), 6.0, 24.0);
    const double height = cell * static_cast<double>(first.depths.size());
    FigurePage page(figure, options, (down * (height + margins.top + margins.bottom) + kKey) * kPaperScale / kUnitsPerInch);
    std::vector<QCPAxisRect*> rects;
    for (int p = 0; p < panels; ++p)
        rects.push_back(page.addRect(p / across, p % across, margins));
    page.plot.plotLayout()->setMargins(page.plot.plotLayout()->margins() + QMargins(0, page.style.px(kKey), 0, 0));
    page.layOut();
    const QFontMetricsF metrics(page.style.tick);
    for (int p = 0; p < panels; ++p) {
        QCPAxisRect* rect = rects[static_cast<std::size_t>(p)];
        const double widest = metrics.horizontalAdvance(QStringLiteral("000,000 "));
        nameCells(rect->axis(QCPAxis::atLeft),
                  namesOf(first.depths, rect->height() / static_cast<double>(first.depths.size()), metrics.height(),
                          QStringLiteral(" %")),
                  true);
        nameCells(rect->axis(QCPAxis::atBottom),
                  namesOf(first.lengths, rect->width() / static_cast<double>(first.lengths.size()), widest, QString()), false);
        rect->axis(QCPAxis::atLeft)->setLabel(QStringLiteral("Depth"));
        rect->axis(QCPAxis::atBottom)->setLabel(QStringLiteral("Length (tokens)"));
        new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&, rect, p](QCPPainter* painter) {
            drawCells(painter, rect->rect(), mapImage(maps.panels[static_cast<std::size_t>(p)], maps.score, page.style.theme),
                      true);
        });
    }
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        painter->setFont(page.style.tick);
        painter->setPen(page.style.theme.ink);
        for (int p = 0; p < panels; ++p) {
            const QRect place = rects[static_cast<std::size_t>(p)]->rect();
            const QString label = QString::fromStdString(maps.labels[static_cast<std::size_t>(p)]);
            const QString name = panels > 1 ? QStringLiteral("(%1) %2").arg(QChar('a' + p)).arg(label) : label;
            painter->drawText(QPointF(place.left(), place.top() - page.style.px(5)),
                              metrics.elidedText(name, Qt::ElideRight, place.width() + page.style.px(margins.right)));
        }
        const std::string_view title = kGridScoreTitles[maps.score];
        drawKey(painter, page.style, page.style.px(margins.left), QString::fromUtf8(title));
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
