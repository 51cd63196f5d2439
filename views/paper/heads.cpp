// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of all heads on paper, each a small picture.
#include "core/analysis/figures/heads.h"
#include "views/attention/attention_key.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/charts.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace winnow::views {

namespace {

/// Every `every`-th number, the others without a name.
std::vector<QString> numbered(int count, int every, const std::function<int(int)>& number)
{
    std::vector<QString> names;
    for (int i = 0; i < count; ++i)
        names.push_back(i % every == 0 ? QString::number(number(i)) : QString());
    return names;
}

} // namespace

Result<void> drawHeads(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<HeadsPicture>();
    const int layers = static_cast<int>(picture.layers.size()), heads = std::max(1, picture.thumbs.heads);
    const Margins margins{.left = 40, .top = 8, .right = 66, .bottom = 40};
    const double cell = std::min((columnsOf(options) - margins.left - margins.right) / heads, 72.0);
    FigurePage page(figure, options, (cell * layers + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    const double free = columnsOf(options) - margins.left - margins.right - cell * heads; // few heads: cells stay square
    Margins around = margins;
    around.right += free;
    QCPAxisRect* rect = page.addRect(0, 0, around);
    page.layOut();
    const int every = std::max(1, static_cast<int>(std::ceil(QFontMetricsF(page.style.tick).height() / page.style.px(cell))));
    nameCells(rect->axis(QCPAxis::atLeft),
              numbered(layers, every, [&](int i) { return raw(picture.layers[static_cast<std::size_t>(i)]); }), true);
    nameCells(rect->axis(QCPAxis::atBottom), numbered(heads, 2 * every - 1, [](int i) { return i; }), false);
    rect->axis(QCPAxis::atLeft)->setLabel(QStringLiteral("Layer"));
    rect->axis(QCPAxis::atBottom)->setLabel(QStringLiteral("Query head"));
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) {
        const double wide = double(rect->width()) / heads, high = double(rect->height()) / layers, gap = 0.04 * wide;
        for (int layer = 0; layer < layers; ++layer) {
            const auto& row = picture.thumbs.layers[static_cast<std::size_t>(layer)];
            for (int head = 0; head < static_cast<int>(row.size()); ++head)
                drawCells(
                    painter,
                    QRectF(rect->left() + head * wide, rect->top() + layer * high, wide, high).adjusted(gap, gap, -gap, -gap),
                    attentionImage(row[static_cast<std::size_t>(head)], {}, true, 1, page.style.theme), true);
        }
    });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr,
                    [&](QCPPainter* painter) { drawAttentionKey(painter, rect, page.style, false, std::nullopt); });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
