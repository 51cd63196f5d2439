// SPDX-License-Identifier: GPL-3.0-or-later
// Pages that are really free, on paper: a group of bars for each policy.
#include "core/analysis/free_pages.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"

#include <algorithm>
#include <array>

namespace winnow::views {

namespace {

constexpr double kRow = 1, kBar = 0.19; ///< of a policy, and of each of its bars, on the axis
constexpr std::array<const char*, 4> kWords{"evicted", "free by head", "by layer", "by all layers"};

std::array<double, 4> sharesOf(const FreePages& one)
{
    return {one.evicted, one.share(one.freeByHead), one.share(one.freeByLayer), one.share(one.freeByAll)};
}

} // namespace

Result<void> drawDeployable(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& all = figure.numbers.as<std::vector<FreePages>>();
    FigurePage page(figure, options, 0.7 + 0.55 * static_cast<double>(all.size()));
    const PlotStyle& style = page.style;
    const QFontMetricsF metrics(style.tick);
    std::vector<QString> names;
    double widest = 0;
    for (const FreePages& one : all) {
        names.push_back(QString::fromStdString(one.title));
        widest = std::max(widest, metrics.horizontalAdvance(names.back()));
    }
    QCPAxisRect* const rect = page.addRect(0, 0, {.left = widest / style.unit + 14, .top = 8, .right = 150, .bottom = 40});
    page.layOut();
    QCPAxis *const bottom = rect->axis(QCPAxis::atBottom), *const left = rect->axis(QCPAxis::atLeft);
    nameCells(left, names, true);
    bottom->setRange(0, 100);
    bottom->setLabel(fitting({QStringLiteral("Share of the cache's pages (per cent)"), QStringLiteral("Share (per cent)")},
                             style.label, rect->width()));
    setTickCount(bottom, rect->width(), QStringLiteral("000"), style, 6);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        painter->setFont(style.tick);
        for (std::size_t p = 0; p < all.size(); ++p) {
            const auto shares = sharesOf(all[p]);
            const QColor color = style.theme.policyColor(all[p].policy);
            for (std::size_t bar = 0; bar < shares.size(); ++bar) {
                const double from = static_cast<double>(p) * kRow + 0.12 + kBar * static_cast<double>(bar);
                const QRectF area(QPointF(rect->left(), left->coordToPixel(from)),
                                  QPointF(bottom->coordToPixel(100 * shares[bar]), left->coordToPixel(from + kBar * 0.86)));
                QColor fill = color;
                fill.setAlphaF(bar == 0 ? 0.25F : 1.0F - 0.2F * static_cast<float>(bar - 1));
                painter->fillRect(area, fill);
                painter->setPen(style.theme.ink);
                painter->drawText(QPointF(rect->right() + style.px(8), area.center().y() + metrics.capHeight() / 2),
                                  QStringLiteral("%1  %2 %").arg(QLatin1String(kWords[bar])).arg(100 * shares[bar], 0, 'f', 1));
            }
        }
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
