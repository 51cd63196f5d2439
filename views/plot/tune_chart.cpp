// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/tune_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

TuneChart::TuneChart(QCPAxisRect* rect) : m_rect(rect)
{
    for (QCPGraph** graph : {&m_line, &m_start, &m_best})
        *graph = rect->parentPlot()->addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    m_start->setLineStyle(QCPGraph::lsNone);
    m_best->setLineStyle(QCPGraph::lsNone);
}

void TuneChart::clear()
{
    for (QCPGraph* graph : {m_line, m_start, m_best})
        graph->data()->clear();
}

void TuneChart::show(const Tuning& tuning, std::size_t axis, bool first, const PlotStyle& style)
{
    clear();
    const TuneAxis& told = tuning.axes[axis];
    const QColor ink = style.theme.ink, blue = QColor::fromRgb(style.theme.differenceThis);
    m_line->setPen(QPen(style.theme.muted, style.line));
    m_line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(style.theme.muted), style.theme.muted, style.px(5)));
    m_start->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(ink, style.line), style.ground(), style.px(9)));
    m_best->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(blue), blue, style.px(9)));
    double least = std::numeric_limits<double>::infinity(), most = -least;
    std::size_t best = told.values.size();
    for (const std::size_t index : tuning.curve(axis)) {
        const TuneSetting& setting = tuning.settings[index];
        if (std::isnan(setting.value))
            continue;
        const auto place = static_cast<double>(setting.at[axis]);
        m_line->addData(place, setting.value);
        if (setting.at[axis] == told.start)
            m_start->addData(place, setting.value);
        if (index == tuning.best) {
            m_best->addData(place, setting.value);
            best = setting.at[axis];
        }
        least = std::min(least, setting.value);
        most = std::max(most, setting.value);
    }
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    // The values that are marked have their labels always, the others where they have room.
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    const QFontMetricsF metrics(style.tick);
    const double pitch = m_rect->width() / std::max<double>(1, static_cast<double>(told.values.size()));
    std::vector<std::pair<double, double>> taken; // pixels, as offsets from the first value
    const auto label = [&](std::size_t value) {
        QString words = QString::fromStdString(told.values[value]);
        if (value == best)
            words += QObject::tr("\nbest");
        if (value == told.start)
            words += value == best ? QObject::tr(", start") : QObject::tr("\nstart");
        const double at = pitch * static_cast<double>(value);
        double half = 0;
        for (const QString& line : words.split(QLatin1Char('\n')))
            half = std::max(half, metrics.horizontalAdvance(line) / 2 + style.px(4));
        for (const auto& [from, to] : taken)
            if (at + half > from && at - half < to)
                return;
        taken.emplace_back(at - half, at + half);
        ticker->addTick(static_cast<double>(value), words);
    };
    if (best < told.values.size())
        label(best);
    label(told.start);
    for (std::size_t value = 0; value < told.values.size(); ++value)
        if (value != best && value != told.start)
            label(value);
    x->setTicker(ticker);
    x->setLabel(QString::fromStdString(told.parameter));
    x->setRange(-0.5, static_cast<double>(told.values.size()) - 0.5);
    const QString title = QString::fromUtf8(tuning.metric->axis);
    y->setLabel(first ? fitting(axisTitles(title), style.label, m_rect->height()) : QString());
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    setTickCount(y, m_rect->height(), {}, style, 6);
    if (least <= most) {
        const double air = std::max((most - least) * 0.12, 1e-4 * std::max(1.0, std::abs(most)));
        y->setRange(least - air, most + air);
    }
}

} // namespace winnow::views
