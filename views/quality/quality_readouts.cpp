// SPDX-License-Identifier: GPL-3.0-or-later
// What the charts of the tab Quality say at the pointer. See quality_tab.h.
#include "views/quality/quality_tab.h"

#include "views/plot/number_words.h"
#include "views/quality/quality_table.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

QString QualityTab::readout(QPointF at) const
{
    if (!m_numbers)
        return {};
    const QualityCurves& curves = shownCurves();
    const auto step = static_cast<std::size_t>(std::max(0.0, std::round(at.x())));
    QString text = tr("step %1").arg(grouped(qint64(step)));
    for (const auto& line : curves.lines)
        if (step < line.mean.size())
            text += QStringLiteral("\n%1  %2  %3")
                        .arg(line.policy + 1)
                        .arg(metricWords(metric(), line.mean[step]), QString::fromStdString(line.label));
    return text;
}

QString QualityTab::layerReadout(QPointF at) const
{
    const int layer = qRound(at.x());
    if (!m_numbers || layer < 0 || layer >= static_cast<int>(m_numbers->layers.layers.size()))
        return {};
    const auto i = static_cast<std::size_t>(layer);
    QString text = tr("layer %1").arg(m_numbers->layers.layers[i]);
    for (const auto& line : m_numbers->layers.lines)
        text += QStringLiteral("\n%1  %2  %3")
                    .arg(line.policy + 1)
                    .arg(metricWords(metric(), line.mean[i]), QString::fromStdString(line.label));
    return text;
}

QString QualityTab::distanceReadout(QPointF at) const
{
    if (!m_numbers)
        return {};
    const double distance = std::max(0.0, m_distance.distanceAt(at.x()));
    QString text = tr("%1 before now").arg(grouped(qRound64(distance)));
    for (const auto& line : m_numbers->distance.lines) {
        if (line.distance.empty())
            continue;
        const auto next = std::lower_bound(line.distance.begin(), line.distance.end(), distance);
        auto index = static_cast<std::size_t>(next - line.distance.begin());
        if (index == line.distance.size() || (index > 0 && distance - line.distance[index - 1] < line.distance[index] - distance))
            --index;
        text += QStringLiteral("\n%1  %2  %3")
                    .arg(line.policy + 1)
                    .arg(decimalWords(line.share[index]), QString::fromStdString(line.label));
    }
    return text;
}

} // namespace winnow::views
