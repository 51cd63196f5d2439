// SPDX-License-Identifier: GPL-3.0-or-later
// A metric of every lane on paper.
#include "core/analysis/step_pictures.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/color_scale.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kKey = 20; ///< logical pixels

std::vector<QString> numbers(const std::vector<int>& values, int every)
{
    std::vector<QString> texts;
    for (std::size_t i = 0; i < values.size(); ++i)
        texts.push_back(static_cast<int>(i) % every == 0 ? QString::number(values[i]) : QString());
    return texts;
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

} // namespace

Result<void> drawLanes(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<LanePicture>();
    const int panels = static_cast<int>(picture.panels.size()), across = std::min(panels, options.width < 4.5 ? 2 : 3);
    const int down = (panels + across - 1) / across, layers = static_cast<int>(picture.layers.size());
    const Margins margins{.left = 40, .top = 22, .right = 8, .bottom = 38};
    const double cell = std::clamp(90.0 / std::max(1, layers), 4.0, 14.0);
    FigurePage page(figure, options,
                    (down * (layers * cell + margins.top + margins.bottom) + kKey) * kPaperScale / kUnitsPerInch);
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
            drawCells(painter, rect->rect(),
                      laneImage(picture.panels[static_cast<std::size_t>(p)], least, most, page.style.theme), true);
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
        const int digits = picture.metric->whole ? 0 : 3;
        double x = page.style.px(margins.left);
        const double base = page.style.px(13);
        const auto word = [&](const QString& text) {
            painter->drawText(QPointF(x, base), text);
            x += metrics.horizontalAdvance(text) + page.style.px(6);
        };
        word(QString::fromUtf8(picture.metric->name));
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

} // namespace winnow::views
