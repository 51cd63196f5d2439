// SPDX-License-Identifier: GPL-3.0-or-later
// The retention maps on paper, with their key.
#include "core/analysis/figures/retention.h"
#include "views/maps/map_grid.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"

#include <algorithm>

namespace winnow::views {

Result<void> drawRetention(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<RetentionPicture>();
    const int policies = static_cast<int>(picture.replay->policies.size());
    ViewData data;
    data.replay = picture.replay;
    data.tokensRecorded = static_cast<int>(picture.replay->tokenIds.size());
    SelectionState state;
    state.hidden.assign(static_cast<std::size_t>(policies), true);
    for (const int policy : picture.policies)
        state.hidden[static_cast<std::size_t>(policy)] = false;
    state.lanes = picture.lanes;
    std::sort(state.lanes.begin(), state.lanes.end());
    state.zoom = {double(picture.tokens.first), picture.tokens.second + 1.0, double(picture.steps.first),
                  picture.steps.second + 1.0};
    const bool atStep = picture.laneRows || !options.steps.empty(); // else no line is drawn
    state.step = atStep ? picture.step : data.tokensRecorded - 1;
    for (const FigureSpan& span : options.spans)
        state.spans.push_back({{span.tokens.first, span.tokens.second + 1}, QString::fromStdString(span.name)});
    state.rows = picture.laneRows ? MapRows::Lanes : MapRows::Steps;
    state.axis = picture.distanceAxis ? MapAxis::Distance : MapAxis::Token;
    state.difference = picture.reference >= 0;
    state.reference = std::max(0, picture.reference);
    if (options.meanSteps) // the plates tell means over them
        state.stepRange = Range{options.meanSteps->first, options.meanSteps->second + 1};

    constexpr int kKeyHeight = 20, kTitleHeight = 30, kLanesHeight = 110;
    const int width = qRound(options.width * kUnitsPerInch / kPaperScale);
    const int count = static_cast<int>(picture.policies.size());
    const QSize shape = picture.laneRows ? QSize(1, count) : mapGridShape(count, width);
    const int panel = width / std::max(1, shape.width());
    const int height = picture.laneRows ? kLanesHeight : std::max(150, panel * 4 / 5) + kTitleHeight;
    const int below = picture.laneRows ? kKeyHeight : 0; // lane rows share the axis of the last
    const QSize maps(width, shape.height() * height + below);
    const bool hasScale = !picture.distanceAxis && picture.reference < 0; // the others have scales of their own
    const std::string scale = hasScale ? options.scale : FigureOptions().scale;
    Figure described = figure;
    described.caption += scaleCaption(scale);
    FigurePage page(described, options, (maps.height() + kKeyHeight) * kPaperScale / kUnitsPerInch);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, page.style, page.style.px(10), page.style.px(maps.height() + 5),
                   page.options.inches.width() * kUnitsPerInch, picture.reference >= 0);
    });
    const auto paint = [&](QPainter& painter) {
        auto& plotPainter = static_cast<QCPPainter&>(painter);
        page.plot.toPainter(&plotPainter, qRound(page.options.inches.width() * kUnitsPerInch),
                            qRound(page.options.inches.height() * kUnitsPerInch)); // the caption
        painter.save();
        painter.scale(kPaperScale, kPaperScale);
        paintMaps(&plotPainter, maps, data, state, kPaperScale * 600 / kUnitsPerInch, scaleNamed(scale),
                  (!options.steps.empty() && !picture.laneRows) || !options.spans.empty());
        painter.restore();
        painter.setFont(page.style.letter);
        painter.setPen(page.style.theme.ink);
        for (std::size_t i = 0; i < picture.policies.size() && picture.policies.size() > 1; ++i) {
            const int row = static_cast<int>(i) / shape.width(), column = static_cast<int>(i) % shape.width();
            painter.drawText(QPointF(page.style.px(double(width) * column / shape.width() + 4),
                                     page.style.px(double(maps.height() - below) * row / shape.height() + 13)),
                             QStringLiteral("(%1)").arg(QChar('a' + static_cast<int>(i))));
        }
    };
    return exportDrawing(paint, page.options, out);
}

} // namespace winnow::views
