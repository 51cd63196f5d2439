// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/charts.h"

#include "core/analysis/running_mean.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

QCPGraph* addGraph(QCPAxisRect* rect, QList<QCPGraph*>& graphs)
{
    QCPGraph* graph = rect->parentPlot()->addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    graph->setSelectable(QCP::stNone);
    graph->setAntialiased(true);
    graphs.append(graph);
    return graph;
}

void removeGraphs(QCPAxisRect* rect, QList<QCPGraph*>& graphs)
{
    for (QCPGraph* graph : graphs)
        rect->parentPlot()->removeGraph(graph);
    graphs.clear();
}

QList<double> counted(std::size_t count)
{
    QList<double> keys(static_cast<qsizetype>(count));
    for (qsizetype i = 0; i < keys.size(); ++i)
        keys[i] = double(i);
    return keys;
}

QList<double> listOf(std::span<const double> values) { return {values.begin(), values.end()}; }

double lastNumber(std::span<const double> values, double until)
{
    for (std::size_t i = std::min(values.size(), static_cast<std::size_t>(std::max(0.0, until)) + 1); i-- > 0;)
        if (!std::isnan(values[i]))
            return values[i];
    return std::numeric_limits<double>::quiet_NaN();
}

/// Value range of what is drawn between two entries, with a little air.
template <class Line>
QCPRange valueRange(const std::vector<Line>& lines, double begin, double end, double ceiling)
{
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (const Line& line : lines)
        for (auto i = static_cast<std::size_t>(std::max(0.0, begin)); i < line.mean.size() && double(i) <= end; ++i)
            if (!std::isnan(line.mean[i])) {
                least = std::min(least, line.mean[i]);
                most = std::max(most, line.mean[i]);
            }
    if (!(least <= most))
        return {0, 1};
    const double size = std::abs(most); // of values that are all about equal a twentieth: smaller ticks would say nothing
    const double air = most - least > 1e-3 * size ? (most - least) * 0.06 : std::max(1e-3, 0.05 * size);
    const double lower = least >= 0 ? std::max(0.0, least - air) : least - air;
    return {lower, std::min(ceiling + 0.02 * (ceiling - lower), most + air)}; // no tick above what there can be
}

QString numberText(double value, const Metric& metric)
{
    return metric.whole ? grouped(qRound64(value)) : QString::number(value, 'f', 3);
}

QString axisTitle(const Metric& metric) { return QString::fromUtf8(metric.axis); }

} // namespace

QualityChart::QualityChart(QCPAxisRect* rect) : m_rect(rect)
{
    QCustomPlot* plot = rect->parentPlot();
    new PlotPainter(plot, QStringLiteral("main"), nullptr, [this](QCPPainter* painter) {
        if (!m_filled)
            return;
        drawEndLabels(painter, m_rect, m_style, m_labels);
    });
    new PlotPainter(plot, QStringLiteral("overlay"), nullptr, [this](QCPPainter* painter) { // else the step line strikes it
        if (m_filled && m_prompt > 0)
            drawPromptWord(painter);
    });
    new PlotPainter(plot, QStringLiteral("grid"), rect, [this](QCPPainter* painter) {
        if (!m_filled || m_prompt <= 0)
            return;
        const double x = m_rect->axis(QCPAxis::atBottom)->coordToPixel(m_prompt);
        painter->setPen(QPen(m_style.theme.muted, m_style.axis, Qt::DashLine));
        painter->drawLine(QLineF(x, m_rect->top(), x, m_rect->bottom()));
    });
}

void QualityChart::drawPromptWord(QCPPainter* painter) const
{
    const double x = m_rect->axis(QCPAxis::atBottom)->coordToPixel(m_prompt);
    const QFontMetricsF metrics(m_style.tick);
    const double right = m_rect->right() - x - m_style.px(6), left = x - m_rect->left() - m_style.px(6);
    const QString word =
        fitting({QStringLiteral("end of prompt"), QStringLiteral("prompt"), QString()}, m_style.tick, std::max(right, left));
    if (word.isEmpty() || x < m_rect->left() || x > m_rect->right())
        return;
    const double width = metrics.horizontalAdvance(word), height = metrics.ascent() + metrics.descent();
    const double start = width <= left ? x - width - m_style.px(4) : x + m_style.px(4);
    QRectF place(start, m_rect->bottom() - m_style.px(5) - metrics.ascent(), width, height);
    if (const QRectF above(start, m_rect->top() + m_style.px(2), width, height); isCrossed(place) && !isCrossed(above))
        place = above;
    QColor behind = m_style.ground(); // curves that cross the word shine through
    behind.setAlphaF(0.8F);
    painter->fillRect(place.adjusted(-m_style.px(1), 0, m_style.px(1), 0), behind);
    painter->setFont(m_style.tick);
    painter->setPen(m_style.theme.muted);
    painter->drawText(QPointF(start, place.top() + metrics.ascent()), word);
}

/// Whether a curve goes through the place.
bool QualityChart::isCrossed(const QRectF& place) const
{
    const QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    const double from = x->pixelToCoord(place.left()), to = x->pixelToCoord(place.right());
    return std::ranges::any_of(m_graphs, [&](const QCPGraph* graph) {
        const auto points = graph->data();
        return std::any_of(points->findBegin(from, false), points->findEnd(to, false), [&](const QCPGraphData& point) {
            const double at = y->coordToPixel(point.value);
            return at >= place.top() - 1 && at <= place.bottom() + 1;
        });
    });
}

void QualityChart::clear()
{
    removeGraphs(m_rect, m_graphs);
    m_labels.clear();
    m_filled = false;
}

void QualityChart::show(const QualityCurves& given, int focus, std::pair<double, double> steps, const PlotStyle& style,
                        int window)
{
    QualityCurves curves = given;
    for (QualityCurves::Line& line : curves.lines)
        line.mean = runningMean(line.mean, window, curves.prompt);
    clear();
    m_style = style;
    m_prompt = curves.prompt;
    m_filled = true;
    const std::size_t count = curves.lines.empty() ? 0 : curves.lines.front().mean.size();
    if (steps.second <= steps.first)
        steps = {0, std::max(1.0, double(count) - 1)};
    const QList<double> keys = counted(count);
    for (const bool focused : {false, true}) // the focus last, on top
        for (const QualityCurves::Line& line : curves.lines) {
            if ((line.policy == focus) != focused)
                continue;
            const QPen pen = style.theme.policyPen(line.policy, focused ? style.focus : style.line);
            if (focused) {
                QCPGraph* most = addGraph(m_rect, m_graphs);
                QCPGraph* least = addGraph(m_rect, m_graphs);
                QColor fill = pen.color();
                fill.setAlphaF(0.16F);
                most->setData(keys, listOf(line.most), true);
                least->setData(keys, listOf(line.least), true);
                most->setPen(Qt::NoPen);
                least->setPen(Qt::NoPen);
                most->setBrush(fill);
                most->setChannelFillGraph(least);
                if (isSmoothed(window)) {
                    QCPGraph* raw = addGraph(m_rect, m_graphs);
                    QColor faint = pen.color();
                    faint.setAlphaF(0.3F);
                    raw->setData(keys, listOf(given.lines[static_cast<std::size_t>(&line - curves.lines.data())].mean), true);
                    raw->setPen(QPen(faint, 1));
                }
            }
            QCPGraph* graph = addGraph(m_rect, m_graphs);
            graph->setData(keys, listOf(line.mean), true);
            graph->setPen(pen);
            const double end = lastNumber(line.mean, steps.second);
            if (std::isnan(end))
                continue;
            const QString name = style.paper ? QString::fromStdString(line.label) : QStringLiteral("%1").arg(line.policy + 1);
            m_labels.push_back(
                {end, numberText(end, *curves.metric) + QStringLiteral("  ") + name, pen, focused && !style.paper});
        }
    QCPAxis* x = m_rect->axis(QCPAxis::atBottom);
    QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<TokenTicker>::create());
    x->setLabel(fitting({QStringLiteral("Step t (tokens)"), QStringLiteral("Step t")}, style.label, m_rect->width()));
    x->setRange(steps.first, steps.second);
    const QString title = axisTitle(*curves.metric);
    y->setLabel(fitting(axisTitles(title), style.label, roomBeside(m_rect)));
    y->setTicker(curves.metric->whole ? QSharedPointer<QCPAxisTicker>(QSharedPointer<GroupedTicker>::create())
                                      : QSharedPointer<QCPAxisTicker>::create());
    y->setNumberFormat(QStringLiteral("g"));
    y->setRange(valueRange(curves.lines, steps.first, steps.second, curves.metric->most));
    setTickCount(x, m_rect->width(), grouped(qRound64(steps.second)), style);
    setTickCount(y, m_rect->height(), {}, style, 4);
}

LayerChart::LayerChart(QCPAxisRect* rect) : m_rect(rect)
{
    QCustomPlot* plot = rect->parentPlot();
    new PlotPainter(plot, QStringLiteral("main"), rect, [this](QCPPainter* painter) { drawWhiskers(painter); });
    new PlotPainter(plot, QStringLiteral("main"), nullptr,
                    [this](QCPPainter* painter) { drawEndLabels(painter, m_rect, m_style, m_labels); });
}

void LayerChart::clear()
{
    removeGraphs(m_rect, m_graphs);
    m_labels.clear();
    m_curves.lines.clear();
}

void LayerChart::show(const LayerCurves& curves, int focus, const PlotStyle& style)
{
    clear();
    m_curves = curves;
    m_focus = focus;
    m_style = style;
    const QList<double> keys = counted(curves.layers.size());
    for (const bool focused : {false, true}) // the focus last, on top
        for (const LayerCurves::Line& line : curves.lines) {
            if ((line.policy == focus) != focused)
                continue;
            const QPen pen = style.theme.policyPen(line.policy, focused ? style.focus : style.line);
            QCPGraph* graph = addGraph(m_rect, m_graphs);
            graph->setData(keys, listOf(line.mean), true);
            graph->setPen(pen);
            graph->setScatterStyle(
                QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(pen.color(), style.line), pen.color(), style.px(5)));
            const double end = lastNumber(line.mean, double(line.mean.size()));
            if (std::isnan(end))
                continue;
            const QString name = style.paper ? QString::fromStdString(line.label) : QStringLiteral("%1").arg(line.policy + 1);
            m_labels.push_back(
                {end, numberText(end, *curves.metric) + QStringLiteral("  ") + name, pen, focused && !style.paper});
        }
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    const double pixels = double(m_rect->width()) / std::max<std::size_t>(1, curves.layers.size());
    const int every =
        std::max(1, static_cast<int>(std::ceil((QFontMetricsF(style.tick).horizontalAdvance(QStringLiteral("88")) + style.px(6)) /
                                               std::max(1.0, pixels))));
    for (std::size_t i = 0; i < curves.layers.size(); i += static_cast<std::size_t>(every))
        ticker->addTick(double(i), QString::number(curves.layers[i]));
    x->setTicker(ticker);
    x->setRange(-0.5, double(curves.layers.size()) - 0.5);
    x->setLabel(QStringLiteral("Layer"));
    const QString title = axisTitle(*curves.metric);
    y->setLabel(fitting(axisTitles(title), style.label, roomBeside(m_rect)));
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    y->setNumberFormat(QStringLiteral("g"));
    QCPRange range = valueRange(curves.lines, 0, double(curves.layers.size()), curves.metric->most);
    for (const LayerCurves::Line& line : curves.lines)
        for (std::size_t i = 0; i < line.least.size() && (style.paper || line.policy == focus); ++i)
            if (!std::isnan(line.least[i]))
                range.expand(QCPRange(line.least[i], line.most[i]));
    y->setRange(range);
    setTickCount(y, m_rect->height(), {}, style, 4);
}

void LayerChart::drawWhiskers(QCPPainter* painter) const
{
    for (const LayerCurves::Line& line : m_curves.lines) {
        if (!m_style.paper && line.policy != m_focus)
            continue;
        QColor color = m_style.theme.policyColor(line.policy);
        color.setAlphaF(0.6F);
        painter->setPen(QPen(color, m_style.line));
        for (std::size_t i = 0; i < line.least.size(); ++i) {
            const double x = m_rect->axis(QCPAxis::atBottom)->coordToPixel(double(i));
            const double from = m_rect->axis(QCPAxis::atLeft)->coordToPixel(line.least[i]);
            const double to = m_rect->axis(QCPAxis::atLeft)->coordToPixel(line.most[i]);
            if (std::isnan(from) || std::abs(from - to) < 1)
                continue;
            painter->drawLine(QLineF(x, from, x, to));
            for (const double y : {from, to})
                painter->drawLine(QLineF(x - m_style.px(3), y, x + m_style.px(3), y));
        }
    }
}

DistanceChart::DistanceChart(QCPAxisRect* rect) : m_rect(rect)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("grid"), rect, [this](QCPPainter* painter) {
        if (m_isUncomputed && m_rect->visible())
            drawHatch(painter, QRectF(m_rect->rect()), m_style);
    });
}

void DistanceChart::clear()
{
    removeGraphs(m_rect, m_graphs);
    m_isUncomputed = false;
}

void DistanceChart::show(const DistanceCurves& curves, int focus, const PlotStyle& style)
{
    clear();
    m_unit = curves.unit;
    m_style = style;
    m_isUncomputed = std::ranges::all_of(curves.lines, [](const auto& line) {
        return std::ranges::all_of(line.share, [](double share) { return std::isnan(share); });
    });
    const auto place = [&](double distance) { return std::log2(1 + distance / m_unit); };
    double farthest = m_unit;
    for (const bool focused : {false, true})
        for (const DistanceCurves::Line& line : curves.lines) {
            if ((line.policy == focus) != focused)
                continue;
            QList<double> keys;
            for (const double distance : line.distance) {
                keys.append(place(distance));
                farthest = std::max(farthest, distance);
            }
            QCPGraph* graph = addGraph(m_rect, m_graphs);
            graph->setData(keys, listOf(line.share), true);
            graph->setPen(style.theme.policyPen(line.policy, focused ? style.focus : style.line));
        }
    QCPAxis* x = m_rect->axis(QCPAxis::atBottom);
    QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    // Every octave of the axis, thinned until the labels have room.
    const QFontMetricsF metrics(style.tick);
    const double pixels = m_rect->width() / std::max(1.0, place(farthest));
    double lastPlace = -1e9;
    ticker->addTick(0, QStringLiteral("now"));
    for (double distance = m_unit; distance <= farthest; distance *= 2) {
        const QString text = grouped(qRound64(distance));
        if ((place(distance) - std::max(lastPlace, 0.0)) * pixels < metrics.horizontalAdvance(text) + style.px(12) && pixels > 0)
            continue;
        ticker->addTick(place(distance), text);
        lastPlace = place(distance);
    }
    x->setTicker(ticker);
    x->setRangeReversed(true);
    x->setRange(0, place(farthest));
    x->setLabel(fitting(
        {QStringLiteral("Distance t − i (tokens, log2)"), QStringLiteral("Distance (tokens, log2)"), QStringLiteral("Distance")},
        style.label, m_rect->width() + style.px(24)));
    y->setLabel(fitting({QStringLiteral("Kept (share)"), QStringLiteral("Kept")}, style.label, roomBeside(m_rect)));
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    y->setNumberFormat(QStringLiteral("g"));
    y->setRange(0, 1.02);
    setTickCount(y, m_rect->height(), {}, style, 4);
}

QImage attentionImage(const AttentionTile& tile, const std::vector<bool>& lost, bool logScale, double most, const Theme& theme)
{
    constexpr double kLogDecades = 4;
    QImage image(std::max(1, tile.columns), std::max(1, tile.rows), QImage::Format_RGB32);
    image.fill(theme.page);
    for (int r = 0; r < tile.rows; ++r) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(r));
        for (int c = 0; c < tile.columns; ++c) {
            const auto cell = static_cast<std::size_t>(r) * tile.columns + c;
            const double value = tile.values[cell];
            if (std::isnan(value))
                continue; // not read yet: the page
            const double share = !logScale ? (most > 0 ? value / most : 0) : value <= 0 ? 0 : 1 + std::log10(value) / kLogDecades;
            const auto at = static_cast<std::size_t>(std::lround(126 * std::clamp(share, 0.0, 1.0)));
            line[c] = !lost.empty() && lost[cell] ? theme.lost[at] : theme.choice[at];
        }
    }
    return image;
}

} // namespace winnow::views
