// SPDX-License-Identifier: GPL-3.0-or-later
// The retention maps on paper, with their key.
#include "core/analysis/figures/retention.h"
#include "views/paper/drawings.h"
#include "views/paper/maps.h"

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kKeyHeight = 20, kTitleHeight = 30, kLanesHeight = 110; ///< logical pixels

int panelsOf(const RetentionPicture& picture) { return picture.sides ? 3 : static_cast<int>(picture.policies.size()); }

QSize shapeOf(const RetentionPicture& picture, int width)
{
    return picture.laneRows ? QSize(1, panelsOf(picture)) : mapGridShape(panelsOf(picture), width);
}

/// Lane rows share the axis of the last.
int heightOfAxis(const RetentionPicture& picture) { return picture.laneRows ? kKeyHeight : 0; }

} // namespace

PaperMaps mapsOnPaper(const RetentionPicture& picture, const FigureOptions& options)
{
    PaperMaps maps{.pixelsPerUnit = kPaperScale * 600 / kUnitsPerInch, .maximized = picture.sides};
    maps.data.info = picture.info;
    maps.data.replay = picture.replay;
    maps.data.tokensRecorded = static_cast<int>(picture.replay->tokenIds.size());
    SelectionState& state = maps.state;
    state.hidden.assign(picture.replay->policies.size(), true);
    for (const int policy : picture.policies)
        state.hidden[static_cast<std::size_t>(policy)] = false;
    state.focus = picture.policies.front();
    state.lanes = picture.lanes;
    std::sort(state.lanes.begin(), state.lanes.end());
    state.zoom = {double(picture.tokens.first), picture.tokens.second + 1.0, double(picture.steps.first),
                  picture.steps.second + 1.0};
    const bool atStep = picture.laneRows || !options.steps.empty(); // else no line is drawn
    state.step = atStep ? picture.step : maps.data.tokensRecorded - 1;
    state.token = options.token;
    if (picture.brush)
        state.tokenRange = Range{picture.brush->first, picture.brush->second + 1};
    for (const FigureSpan& span : options.spans)
        state.spans.push_back({{span.tokens.first, span.tokens.second + 1}, QString::fromStdString(span.name)});
    state.rows = picture.laneRows ? MapRows::Lanes : MapRows::Steps;
    state.axis = picture.distanceAxis ? MapAxis::Distance : MapAxis::Token;
    state.difference = picture.reference >= 0;
    state.reference = std::max(0, picture.reference);
    if (options.meanSteps) // the plates tell means over them
        state.stepRange = Range{options.meanSteps->first, options.meanSteps->second + 1};
    maps.marks = (!options.steps.empty() && !picture.laneRows) || !options.spans.empty() || options.token.has_value() ||
                 picture.brush.has_value();
    if (!picture.distanceAxis && picture.reference < 0) // the others have scales of their own
        maps.scale = scaleNamed(options.scale);

    const int width = qRound(options.width * kUnitsPerInch / kPaperScale);
    const QSize shape = shapeOf(picture, width);
    const int panel = width / std::max(1, shape.width());
    const int height = picture.laneRows ? kLanesHeight : std::max(150, panel * 4 / 5) + kTitleHeight;
    maps.size = {width, shape.height() * height + heightOfAxis(picture)};
    return maps;
}

Result<void> drawRetention(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<RetentionPicture>();
    const PaperMaps maps = mapsOnPaper(picture, options);
    const int width = maps.size.width(), height = maps.size.height(), panels = panelsOf(picture);
    const QSize shape = shapeOf(picture, width);
    Figure described = figure;
    described.caption += scaleCaption(scaleName(maps.scale).toStdString());
    FigurePage page(described, options, (height + kKeyHeight) * kPaperScale / kUnitsPerInch);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, page.style, page.style.px(10), page.style.px(height + 5), page.options.inches.width() * kUnitsPerInch,
                   picture.reference >= 0);
    });
    const auto paint = [&](QPainter& painter) {
        auto& plotPainter = static_cast<QCPPainter&>(painter);
        page.plot.toPainter(&plotPainter, qRound(page.options.inches.width() * kUnitsPerInch),
                            qRound(page.options.inches.height() * kUnitsPerInch)); // the caption
        painter.save();
        painter.scale(kPaperScale, kPaperScale);
        paintMaps(&plotPainter, maps);
        painter.restore();
        painter.setFont(page.style.letter);
        painter.setPen(page.style.theme.ink);
        for (int i = 0; i < panels && panels > 1; ++i) {
            const int row = i / shape.width(), column = i % shape.width();
            painter.drawText(QPointF(page.style.px(double(width) * column / shape.width() + 4),
                                     page.style.px(double(height - heightOfAxis(picture)) * row / shape.height() + 13)),
                             QStringLiteral("(%1)").arg(QChar('a' + i)));
        }
    };
    return exportDrawing(paint, page.options, out);
}

} // namespace winnow::views
