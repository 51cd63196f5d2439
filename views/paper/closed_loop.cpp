// SPDX-License-Identifier: GPL-3.0-or-later
// Runs beside replays on paper: what replays predict against what runs cost, and drift against step and layer.
#include "core/analysis/drift.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/charts.h"
#include "views/plot/prediction_chart.h"

#include <algorithm>

namespace winnow::views {

Result<void> drawPrediction(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& prediction = figure.numbers.as<Prediction>();
    FigurePage page(figure, options, options.width * 0.6);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 62, .top = 8, .right = 16, .bottom = 40});
    page.layOut();
    PredictionChart chart(rect);
    chart.show(prediction, focusOf(options), page.style);
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawDrift(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& curves = figure.numbers.as<DriftCurves>();
    FigurePage page(figure, options, options.width * 0.8);
    double widest = 0;
    for (const auto& line : curves.layers.lines)
        widest = std::max(
            widest,
            QFontMetricsF(page.style.tick).horizontalAdvance(QStringLiteral("0.000  ") + QString::fromStdString(line.label)));
    QCPAxisRect* steps = page.addRect(0, 0, {.left = 58, .top = 20, .right = widest / page.style.unit + 30, .bottom = 40});
    QCPAxisRect* layers = page.addRect(1, 0, {.left = 58, .top = 20, .right = widest / page.style.unit + 30, .bottom = 40});
    page.layOut();
    QualityChart bySteps(steps);
    bySteps.show(curves.steps, focusOf(options), drawnSteps(options), page.style, curves.steps.smooth);
    LayerChart byLayers(layers);
    byLayers.show(curves.layers, focusOf(options), page.style);
    page.letters({steps, layers});
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
