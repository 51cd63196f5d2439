// SPDX-License-Identifier: GPL-3.0-or-later
// Several figures below one another on one page.
#include "views/export/figure_export.h"
#include "views/paper/save_figure.h"
#include "views/plot/plot_style.h"

#include <QPainter>

#include <algorithm>

namespace winnow::views {

namespace {

constexpr double kBand = 20; ///< logical pixels above every figure, for its letter

using Parts = std::span<const std::pair<const Figure*, FigureOptions>>;

/// The page that the figures need, each with a band above it, in inches. `painter`: null, or where they are drawn as well.
Result<QSizeF> lay(Parts parts, QPainter* painter, const std::filesystem::path& out)
{
    const PlotStyle style = PlotStyle::onPaper();
    const double band = style.px(kBand);
    QSizeF page(0, 0);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (painter) {
            painter->save();
            painter->translate(0, page.height() * kUnitsPerInch);
            painter->setFont(style.letter);
            painter->setPen(style.theme.ink);
            painter->drawText(QPointF(style.px(8), style.px(kBand - 5)), QString(QChar('A' + static_cast<int>(i % 26))));
            painter->translate(0, band);
        }
        const DrawingRedirect redirect(painter);
        const auto drawn = saveFigure(*parts[i].first, parts[i].second, out);
        if (painter)
            painter->restore();
        WINNOW_TRY_VOID(drawn);
        page = QSizeF(std::max(page.width(), redirect.inches().width()),
                      page.height() + redirect.inches().height() + band / kUnitsPerInch);
    }
    return page;
}

} // namespace

Result<void> saveSheet(Parts parts, const std::filesystem::path& out)
{
    WINNOW_TRY(const FigureFormat format, figureFormat(out));
    if (!isPicture(format))
        return fail(ErrorCode::Usage, "'{}' is no picture; figures stand together in .svg, .pdf and .png only", out.string());
    if (parts.empty())
        return fail(ErrorCode::NotFound, "there is nothing to draw yet; wait until the policies have run");
    ExportOptions options;
    WINNOW_TRY(options.inches, lay(parts, nullptr, out));
    options.dpi = parts.front().second.dpi;
    options.title = QStringLiteral("Winnow");
    options.manifest = parts.front().first->manifest;
    Result<QSizeF> drawn = QSizeF();
    WINNOW_TRY_VOID(exportDrawing([&](QPainter& painter) { drawn = lay(parts, &painter, out); }, options, out));
    return drawn ? Result<void>() : fail(drawn.error());
}

} // namespace winnow::views
