// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/sweep_chart.h"

#include "views/plot/number_words.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

SweepChart::SweepChart(QCPAxisRect* rect, Against against) : m_rect(rect), m_against(against)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), nullptr,
                    [this](QCPPainter* painter) { drawEndLabels(painter, m_rect, m_style, m_labels); });
}

void SweepChart::clear()
{
    for (QCPGraph* graph : m_graphs)
        m_rect->parentPlot()->removeGraph(graph);
    m_graphs.clear();
    m_labels.clear();
}

double SweepChart::placeOf(const BudgetSweep::Point& point) const
{
    const double place = m_against == Against::Budget ? point.budget : point.bytes;
    return place > 0 ? std::log2(place) : std::nan("");
}

void SweepChart::show(const BudgetSweep& sweep, int focus, bool labels, const PlotStyle& style)
{
    clear();
    m_style = style;
    double left = std::numeric_limits<double>::infinity(), right = -left, least = left, most = -left;
    for (const bool focused : {false, true}) // the focus last, on top
        for (const BudgetSweep::Line& line : sweep.lines) {
            if ((line.policy == focus) != focused)
                continue;
            QList<double> keys, values;
            std::vector<std::pair<double, double>> points;
            for (const BudgetSweep::Point& point : line.points)
                if (const double x = placeOf(point); !std::isnan(x) && !std::isnan(point.value))
                    points.emplace_back(x, point.value);
            std::sort(points.begin(), points.end());
            for (const auto& [x, y] : points) {
                keys << x;
                values << y;
                left = std::min(left, x);
                right = std::max(right, x);
                least = std::min(least, y);
                most = std::max(most, y);
            }
            if (points.empty())
                continue;
            const QPen pen = style.theme.policyPen(line.policy, focused ? style.focus : style.line);
            auto* graph = m_rect->parentPlot()->addGraph(m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft));
            m_graphs << graph;
            graph->setData(keys, values, true);
            graph->setPen(pen);
            graph->setScatterStyle(
                QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(pen.color(), style.line), pen.color(), style.px(focused ? 7 : 6)));
            if (labels)
                m_labels.push_back({points.back().second, QString::fromStdString(line.title), pen, focused && !style.paper});
        }
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    x->setLabel(m_against == Against::Budget ? QStringLiteral("Budget (slots, log2)") : QStringLiteral("Stored (bytes, log2)"));
    const QString title = QString::fromUtf8(sweep.metric->axis);
    y->setLabel(fitting(axisTitles(title), style.label, m_rect->height()));
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    setTickCount(y, m_rect->height(), {}, style, 6);
    y->setNumberFormat(QStringLiteral("g"));
    if (!(left <= right))
        return;
    const double air = std::max((most - least) * 0.08, 1e-3 * std::max(1.0, std::abs(most)));
    y->setRange(least >= 0 ? std::max(0.0, least - air) : least - air, std::min(1.02 * sweep.metric->most, most + air));
    const double side = std::max(0.25, (right - left) * 0.06);
    x->setRange(left - side, right + side);
    setTicks(left - side, right + side);
}

/// At powers of two, or between them where there are few: five or more where labels have room.
void SweepChart::setTicks(double least, double most)
{
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    const QString widest = m_against == Against::Budget ? QStringLiteral("00,000") : QStringLiteral("999 kB");
    const double room = m_rect->width() / (QFontMetricsF(m_style.tick).horizontalAdvance(widest) + m_style.px(8));
    double step = 0.25;
    while ((most - least) / step > std::max(2.0, std::min(9.0, room)))
        step *= 2;
    for (double at = std::ceil(least / step) * step; at <= most; at += step)
        ticker->addTick(at, m_against == Against::Budget ? grouped(qRound64(std::exp2(at))) : bytesTick(std::exp2(at)));
    m_rect->axis(QCPAxis::atBottom)->setTicker(ticker);
}

} // namespace winnow::views
