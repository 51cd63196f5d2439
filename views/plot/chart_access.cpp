// SPDX-License-Identifier: GPL-3.0-or-later
// What screen readers get of a chart. See chart_plot.h.
#include "views/plot/chart_plot.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kPlaces = 8, kMostCells = 16;

/// The middles of an axis' cells where there are few, else of equal parts.
std::vector<double> placesOf(const QCPAxis* axis)
{
    const QCPRange range = axis->range();
    const int cells = static_cast<int>(std::lround(range.size()));
    const int count = cells >= 1 && cells <= kMostCells ? cells : kPlaces;
    std::vector<double> places;
    for (int i = 0; i < count; ++i)
        places.push_back(range.lower + (i + 0.5) * range.size() / count);
    return places;
}

} // namespace

std::vector<std::pair<const ChartPlot::Chart*, double>> ChartPlot::accessPlaces() const
{
    std::vector<std::pair<const Chart*, double>> all;
    for (const Chart& chart : m_charts) {
        if (!isVisible() || !m_emptyText.isEmpty() || !chart.rect->visible() || !chart.readout)
            continue;
        const QCPAxis* y = chart.rect->axis(QCPAxis::atLeft);
        if (chart.byHeight)
            for (const double place : placesOf(y))
                all.emplace_back(&chart, place);
        else
            all.emplace_back(&chart, y->range().center());
    }
    return all;
}

int ChartPlot::accessColumns() const
{
    std::size_t most = 0;
    for (const auto& [chart, y] : accessPlaces())
        most = std::max(most, placesOf(chart->rect->axis(QCPAxis::atBottom)).size());
    return static_cast<int>(most);
}

QString ChartPlot::accessRow(int row) const
{
    const auto places = accessPlaces();
    const Chart* chart = places[static_cast<std::size_t>(row)].first;
    const auto isOfChart = [chart](const auto& place) { return place.first == chart; };
    const auto first = std::ranges::find_if(places, isOfChart) - places.begin();
    const auto rows = std::ranges::count_if(places, isOfChart);
    const QString axis = chart->rect->axis(QCPAxis::atBottom)->label(), name = axis.isEmpty() ? accessibleName() : axis;
    return rows == 1 ? name : tr("%1, row %2 of %3").arg(name).arg(row - first + 1).arg(rows);
}

QString ChartPlot::accessColumn(int column) const { return tr("place %1 from the left").arg(column + 1); }

QString ChartPlot::accessCell(int row, int column) const
{
    const auto [chart, y] = accessPlaces()[static_cast<std::size_t>(row)];
    const std::vector<double> places = placesOf(chart->rect->axis(QCPAxis::atBottom));
    if (column >= static_cast<int>(places.size()))
        return {};
    QString words = chart->readout({places[static_cast<std::size_t>(column)], y});
    return words.replace(QLatin1Char('\n'), QStringLiteral("; "));
}

QRect ChartPlot::accessRect(int row, int column) const
{
    const auto [chart, y] = accessPlaces()[static_cast<std::size_t>(row)];
    const std::vector<double> places = placesOf(chart->rect->axis(QCPAxis::atBottom));
    if (column >= static_cast<int>(places.size()))
        return {};
    const QPointF at(chart->rect->axis(QCPAxis::atBottom)->coordToPixel(places[static_cast<std::size_t>(column)]),
                     chart->rect->axis(QCPAxis::atLeft)->coordToPixel(y));
    return QRect(at.toPoint() - QPoint(4, 4), QSize(8, 8));
}

} // namespace winnow::views
