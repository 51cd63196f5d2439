// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/cost_chart.h"

#include "views/plot/number_words.h"
#include "views/plot/short_number.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

struct Bounds {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    void take(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool isEmpty() const { return !(low <= high); }
};

QString axisOf(SweepCost cost)
{
    switch (cost) {
    case SweepCost::Budget:
        return QStringLiteral("Budget (slots, log2)");
    case SweepCost::Bytes:
        return QStringLiteral("Cache (bytes, log2)");
    case SweepCost::Milliseconds:
        return QStringLiteral("Time (ms a token, log2)");
    }
    return {};
}

QString tickOf(SweepCost cost, double value)
{
    return cost == SweepCost::Budget  ? grouped(qRound64(value))
           : cost == SweepCost::Bytes ? bytesTick(value)
                                      : shortNumber(value, 3);
}

/// At powers of two, or between them where there are few.
void setTicks(QCPAxis* axis, double length, SweepCost cost, const Bounds& at, const PlotStyle& style)
{
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    const QString widest = cost == SweepCost::Bytes ? QStringLiteral("999 KB") : QStringLiteral("00,000");
    const double room = length / (QFontMetricsF(style.tick).horizontalAdvance(widest) + style.px(6));
    double step = 0.25;
    while ((at.high - at.low) / step > std::max(2.0, std::min(9.0, room)))
        step *= 2;
    for (double place = std::ceil(at.low / step) * step; place <= at.high; place += step)
        ticker->addTick(place, tickOf(cost, std::exp2(place)));
    axis->setTicker(ticker);
}

QCPGraph* addGraph(QCPAxisRect* rect)
{
    return rect->parentPlot()->addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
}

} // namespace

void drawCostChart(QCPAxisRect* rect, const SweepPlanes::Panel& panel, SweepCost cost, bool labels, const PlotStyle& style)
{
    const auto which = static_cast<std::size_t>(cost);
    Bounds x, y;
    std::vector<std::pair<double, double>> front;
    std::vector<EndLabel> ends;
    std::vector<std::pair<double, QPen>> levels; // of what has no such cost: a line all along
    for (const SweepPlanes::Line& line : panel.lines) {
        const QPen pen = style.theme.policyPen(line.color, style.line);
        QList<double> keys, values, below, above;
        for (const SweepPlanes::Point& point : line.points) {
            y.take(point.interval ? point.interval->low : point.value);
            y.take(point.interval ? point.interval->high : point.value);
            if (!(point.cost[which] > 0))
                continue;
            const double at = std::log2(point.cost[which]);
            x.take(at);
            keys << at;
            values << point.value;
            below << (point.interval ? point.value - point.interval->low : 0);
            above << (point.interval ? point.interval->high - point.value : 0);
            if (point.front[which])
                front.emplace_back(at, point.value);
        }
        if (!line.points.empty())
            ends.push_back({line.points.back().value, QString::fromStdString(line.title), pen, false});
        if (keys.isEmpty() && cost == SweepCost::Budget && !line.points.empty())
            levels.emplace_back(line.points.back().value, QPen(pen.color(), style.line, Qt::DotLine));
        if (keys.isEmpty())
            continue;
        QCPGraph* const graph = addGraph(rect);
        graph->setData(keys, values); // a line goes on by budget, whichever way its costs go
        graph->setPen(pen);
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(pen.color(), style.line), pen.color(), style.px(5)));
        auto* const bars = new QCPErrorBars(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        bars->setDataPlottable(graph);
        bars->setData(below, above);
        bars->setPen(QPen(pen.color(), style.axis));
        bars->setWhiskerWidth(style.px(4));
        bars->setSymbolGap(0);
    }
    std::ranges::sort(front);
    QCPGraph* const best = addGraph(rect);
    best->setPen(QPen(style.theme.muted, style.axis, Qt::DashLine));
    best->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(style.theme.ink, style.axis), Qt::NoBrush, style.px(10)));
    for (const auto& [at, value] : front)
        best->addData(at, value);
    QCPAxis *bottom = rect->axis(QCPAxis::atBottom), *left = rect->axis(QCPAxis::atLeft);
    bottom->setLabel(axisOf(cost));
    left->setTicker(QSharedPointer<QCPAxisTicker>::create());
    setTickCount(left, rect->height(), {}, style, 5);
    left->setNumberFormat(QStringLiteral("g"));
    if (!x.isEmpty()) {
        const double side = std::max(0.25, (x.high - x.low) * 0.08);
        x = {x.low - side, x.high + side};
        bottom->setRange(x.low, x.high);
        setTicks(bottom, rect->width(), cost, x, style);
        for (const auto& [value, pen] : levels) {
            QCPGraph* const level = addGraph(rect);
            level->setData({x.low, x.high}, {value, value}, true);
            level->setPen(pen);
        }
    }
    if (!y.isEmpty()) {
        const double size = std::max(1.0, std::abs(y.high)), alike = 1e-3 * size;
        const double air = y.high - y.low < alike ? 0.05 * size : std::max((y.high - y.low) * 0.08, alike);
        left->setRange(y.low >= 0 ? std::max(0.0, y.low - air) : y.low - air, y.high + air);
    }
    if (labels)
        new PlotPainter(rect->parentPlot(), QStringLiteral("main"), nullptr,
                        [rect, style, ends](QCPPainter* painter) { drawEndLabels(painter, rect, style, ends); });
}

} // namespace winnow::views
