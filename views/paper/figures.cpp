#include "views/paper/figures.h"

#include "views/export/figures_page.h"
#include "views/paper/figures_wavelet.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

/// The page's only rectangle, with room at the right for a number and the label of every line.
template <class Line>
QCPAxisRect* addCurveRect(FigurePage& page, const std::vector<Line>& lines)
{
    double widest = 0;
    for (const Line& line : lines)
        widest = std::max(widest, QFontMetricsF(page.style.tick).horizontalAdvance(QStringLiteral("0.000  ") + QString::fromStdString(line.label)));
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 8, .right = widest / page.style.unit + 30, .bottom = 40});
    page.layOut();
    return rect;
}

Result<void> drawFigure(const QualityCurves& curves, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = addCurveRect(page, curves.lines);
    QualityChart chart(rect);
    std::pair<double, double> steps{0, 0};
    if (options.stepRange)
        steps = {options.stepRange->first, options.stepRange->second};
    chart.show(curves, curves.lines.size() == 1 ? curves.lines.front().policy : -1, steps, page.style);
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawFigure(const LayerCurves& curves, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = addCurveRect(page, curves.lines);
    LayerChart chart(rect);
    chart.show(curves, -1, page.style);
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawFigure(const DistanceCurves& curves, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = addCurveRect(page, curves.lines);
    DistanceChart chart(rect);
    chart.show(curves, -1, page.style);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) { // the key, in order, from the top
        std::vector<EndLabel> labels;
        for (const auto& line : curves.lines)
            labels.push_back({1.02, QString::fromStdString(line.label), page.style.theme.policyPen(line.policy, page.style.line), false});
        const QFontMetricsF metrics(page.style.tick);
        double y = rect->top() + metrics.height() / 2;
        for (const EndLabel& label : labels) {
            painter->setPen(label.pen);
            painter->drawLine(QLineF(rect->right() + page.style.px(6), y, rect->right() + page.style.px(20), y));
            painter->setPen(page.style.theme.ink);
            painter->setFont(page.style.tick);
            painter->drawText(QPointF(rect->right() + page.style.px(25), y + metrics.capHeight() / 2), label.text);
            y += metrics.height();
        }
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawFigure(const Contribution& contribution, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.3 + 0.2 * (contribution.levels + 2));
    QCPAxisRect* bands = page.addRect(0, 0, {.left = 58, .top = 22, .right = 8, .bottom = 40});
    QCPAxisRect* energies = page.addRect(0, 1, {.left = 18, .top = 22, .right = 12, .bottom = 40});
    page.plot.plotLayout()->setColumnStretchFactors({3.2, 1});
    page.layOut();
    BandChart chart(bands, energies);
    const int hide = contribution.positions > 2 * options.hide + 1 ? options.hide : 0;
    const double first = contribution.firstPosition;
    chart.show(contribution, options.hide, {first + hide, first + contribution.positions - hide}, page.style);
    page.letters({bands, energies});
    return exportPlot(page.plot, page.options, out);
}

} // namespace

Result<void> saveFigure(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const std::string extension = out.extension().string();
    if (extension == ".csv" || extension == ".npz")
        return writeFigureNumbers(figure, out);
    if (extension != ".svg" && extension != ".pdf" && extension != ".png")
        return fail(ErrorCode::Usage, "'{}' does not end in .svg, .pdf, .png, .csv or .npz, so it is not clear what to write", out.string());
    if (!(options.width >= 1 && options.width <= 40))
        return fail(ErrorCode::Usage, "a width of {} inches was asked for; choose 1 to 40 (3.25 is a column, 5.5 a text, 6.75 a page)",
                    options.width);
    if (!(options.dpi >= 36 && options.dpi <= 2400))
        return fail(ErrorCode::Usage, "{} dots per inch were asked for; choose 36 to 2400", options.dpi);
    return std::visit([&](const auto& numbers) { return drawFigure(numbers, figure, options, out); }, figure.numbers);
}

Result<void> renderFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options,
                          const std::filesystem::path& out, const JobContext& job)
{
    WINNOW_TRY(const Figure figure, makeFigure(name, inputs, options, job));
    return saveFigure(figure, options, out);
}

} // namespace winnow::views
