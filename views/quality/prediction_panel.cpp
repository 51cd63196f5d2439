// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/prediction_panel.h"

#include "views/plot/number_words.h"
#include "views/quality/quality_table.h"

#include <algorithm>

namespace winnow::views {

namespace {

/// Why there is no point.
QString nothing(const Prediction& prediction)
{
    if (prediction.metric->ofModel)
        return QObject::tr("Only runs have this metric. Choose one that replays have: mass, error, regret or slots.");
    return prediction.runs == 0
               ? QObject::tr("No policy has been run. Press Shift+R to run the visible ones for real, or R for the focused one.")
               : QObject::tr("No run has come to its end beside the replay of its policy.");
}

} // namespace

PredictionPanel::PredictionPanel(Selection* selection, QCPAxisRect* rect) : m_selection(selection), m_chart(rect) {}

void PredictionPanel::show(const Prediction& prediction, const PlotStyle& style)
{
    m_prediction = prediction;
    if (prediction.points.empty())
        m_chart.showNothing(nothing(prediction), style);
    else
        m_chart.show(prediction, m_selection->state().focus, style);
}

QString PredictionPanel::sentence() const
{
    if (m_prediction.points.empty())
        return nothing(m_prediction);
    return QObject::tr("open against closed loop · %1 · means over steps %2–%3")
        .arg(QString::fromStdString(rankWords(m_prediction)), grouped(m_prediction.range.begin),
             grouped(std::max(m_prediction.range.begin, m_prediction.range.end - 1)));
}

QString PredictionPanel::readout(QPointF at) const
{
    const auto nearest = m_chart.pointAt(at);
    if (!nearest)
        return {};
    const Prediction::Point& point = m_prediction.points[*nearest];
    QString text = QObject::tr("%1\n%2 of the replay (%3)  %4\n%5 of the run (%6)  %7")
                       .arg(QString::fromStdString(point.label), QString::fromUtf8(m_prediction.metric->name))
                       .arg(point.replay + 1)
                       .arg(metricWords(*m_prediction.metric, point.predicted), QString::fromUtf8(m_prediction.cost->name))
                       .arg(point.run + 1)
                       .arg(metricWords(*m_prediction.cost, point.cost));
    if (m_prediction.full)
        text += QObject::tr("\nfull cache  %1").arg(metricWords(*m_prediction.cost, *m_prediction.full));
    return text;
}

void PredictionPanel::clicked(QPointF at)
{
    if (const auto nearest = m_chart.pointAt(at))
        m_selection->setFocus(m_prediction.points[*nearest].run);
}

} // namespace winnow::views
