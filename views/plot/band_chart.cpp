// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/charts.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow::views {

namespace {

constexpr double kFill = 0.86; // of a row's height
constexpr double kMostDecades = 5;

/// The log scale that all rows share: whole decades around what is shown.
struct LogScale {
    int low = -4, high = 0; ///< powers of ten
    double share(double value) const { return value <= 0 ? 0 : std::clamp((std::log10(value) - low) / (high - low), 0.0, 1.0); }
};

std::span<const double> rowOf(const Contribution& c, int row)
{
    return row == 0          ? std::span<const double>(c.signal)
           : row <= c.levels ? c.band(row - 1)
                             : std::span<const double>(c.approximation);
}

LogScale scaleOf(const Contribution& c, int hide)
{
    double least = HUGE_VAL, most = 0;
    for (int row = 0; row < c.levels + 2; ++row) {
        const auto values = rowOf(c, row);
        for (int i = hide; i < c.positions - hide; ++i) {
            const double value = values[static_cast<std::size_t>(i)];
            most = std::max(most, value);
            if (value > 0)
                least = std::min(least, value);
        }
    }
    if (most <= 0)
        return {};
    LogScale scale{.high = static_cast<int>(std::ceil(std::log10(most)))};
    scale.low = std::max(static_cast<int>(std::floor(std::log10(least))), static_cast<int>(scale.high - kMostDecades));
    scale.low = std::min(scale.low, scale.high - 1);
    return scale;
}

QString power(int exponent)
{
    QString digits = QString::number(exponent);
    const QString from = QStringLiteral("-0123456789"), to = QStringLiteral("⁻⁰¹²³⁴⁵⁶⁷⁸⁹");
    for (QChar& c : digits)
        c = to[from.indexOf(c)];
    return QStringLiteral("10") + digits;
}

int hiddenOf(const Contribution& c, int hide) { return c.positions > 2 * hide + 1 ? hide : 0; }

} // namespace

BandChart::BandChart(QCPAxisRect* bands, QCPAxisRect* energies) : m_bands(bands), m_energies(energies)
{
    QCustomPlot* plot = bands->parentPlot();
    new PlotPainter(plot, QStringLiteral("main"), energies, [this](QCPPainter* painter) { drawBars(painter); });
    new PlotPainter(plot, QStringLiteral("main"), bands, [this](QCPPainter* painter) { drawHidden(painter); });
}

void BandChart::clear()
{
    for (QCPGraph* graph : m_graphs)
        m_bands->parentPlot()->removeGraph(graph);
    m_graphs.clear();
    m_filled = false;
}

void BandChart::show(const Contribution& contribution, int hide, std::pair<double, double> positions, const PlotStyle& style)
{
    clear();
    m_contribution = contribution;
    m_style = style;
    m_hide = hiddenOf(contribution, hide);
    m_filled = true;
    const Contribution& c = m_contribution;
    // With one step the axis is the position, as in the maps; with several it is the distance before the step.
    const bool byPosition = c.steps.size() == 1;
    const double origin = byPosition ? c.firstPosition : 1 - c.positions;
    if (positions.second <= positions.first || !byPosition)
        positions = {origin + m_hide, origin + c.positions - m_hide};
    const LogScale scale = scaleOf(c, m_hide);
    QCPAxis* x = m_bands->axis(QCPAxis::atBottom);
    QCPAxis* y = m_bands->axis(QCPAxis::atLeft);
    auto names = QSharedPointer<QCPAxisTickerText>::create();
    const int every = rowsPerLabel();
    for (int row = 0; row < rows(); ++row) {
        const auto values = rowOf(c, row);
        QList<double> keys, heights, base;
        for (int i = m_hide; i < c.positions - m_hide; ++i) {
            keys.append(origin + i + 0.5);
            heights.append(row + 1 - kFill * scale.share(values[static_cast<std::size_t>(i)]));
            base.append(row + 1);
        }
        const QColor color = row == 0 ? style.theme.muted : QColor::fromRgb(style.theme.choice[style.theme.dark ? 84 : 94]);
        QCPGraph* floor = m_bands->parentPlot()->addGraph(x, y);
        QCPGraph* area = m_bands->parentPlot()->addGraph(x, y);
        floor->setData(keys, base, true);
        floor->setPen(Qt::NoPen);
        area->setData(keys, heights, true);
        QColor fill = color;
        fill.setAlphaF(0.45F);
        area->setPen(QPen(color, style.paper ? style.line * 0.67 : 1));
        area->setBrush(fill);
        area->setChannelFillGraph(floor);
        for (QCPGraph* graph : {floor, area}) {
            graph->setSelectable(QCP::stNone);
            m_graphs.append(graph);
        }
        if (row % every == 0 || row + 1 == rows())
            names->addTick(row + 0.55, row == 0          ? QStringLiteral("signal")
                                       : row <= c.levels ? QStringLiteral("%1").arg(row)
                                                         : QStringLiteral("rest"));
    }
    x->setTicker(QSharedPointer<TokenTicker>::create());
    x->setRange(positions.first, positions.second);
    x->setLabel(byPosition ? QStringLiteral("Position i (token)") : QStringLiteral("Position before the step (tokens)"));
    y->setTicker(names);
    y->setRangeReversed(true);
    y->setRange(0, rows());
    const QString title = QStringLiteral("Level (log, %1…%2)").arg(power(scale.low), power(scale.high));
    y->setLabel(fitting({title, QStringLiteral("Level (log)"), QStringLiteral("Level")}, style.label,
                        m_bands->height() + 2.0 * m_bands->margins().top()));
    QCPAxis* share = m_energies->axis(QCPAxis::atBottom);
    QCPAxis* level = m_energies->axis(QCPAxis::atLeft);
    level->setRangeReversed(true);
    level->setRange(0, rows());
    level->setTickLabels(false);
    level->setTicks(false);
    const double total = std::accumulate(c.energy.begin(), c.energy.end(), 0.0);
    const double largest = *std::max_element(c.energy.begin(), c.energy.end());
    share->setRange(0, total > 0 ? std::min(100.0, 160 * largest / total) : 100); // room for the numbers beside the bars
    share->setTicker(QSharedPointer<GroupedTicker>::create());
    share->ticker()->setTickCount(3);
    share->setLabel(QStringLiteral("Energy (%)"));
}

int BandChart::rowsPerLabel() const
{
    const double pitch = static_cast<double>(m_bands->height()) / rows(), height = QFontMetricsF(m_style.tick).ascent();
    return pitch > 0 ? std::clamp(static_cast<int>(std::ceil(height / pitch)), 1, rows()) : 1;
}

void BandChart::drawBars(QCPPainter* painter) const
{
    if (!m_filled)
        return;
    const auto& energy = m_contribution.energy;
    const double total = std::accumulate(energy.begin(), energy.end(), 0.0);
    QCPAxis* x = m_energies->axis(QCPAxis::atBottom);
    QCPAxis* y = m_energies->axis(QCPAxis::atLeft);
    const QColor color = QColor::fromRgb(m_style.theme.choice[m_style.theme.dark ? 63 : 84]);
    const QFontMetricsF metrics(m_style.tick);
    painter->setFont(m_style.tick);
    for (std::size_t i = 0; i < energy.size(); ++i) {
        const double exact = total > 0 ? 100 * energy[i] / total : 0;
        const double share = exact < 0 && exact > -0.05 ? 0 : exact; // no "-0.0 %"
        const double top = y->coordToPixel(double(i) + 1.22), bottom = y->coordToPixel(double(i) + 1.88);
        const QRectF bar(QPointF(x->coordToPixel(0), top), QPointF(x->coordToPixel(share), bottom));
        painter->fillRect(bar, color);
        if (i % static_cast<std::size_t>(rowsPerLabel()) != 0)
            continue;
        const double room = m_energies->right() - x->coordToPixel(0) - m_style.px(8); // a narrow panel has shorter numbers
        const QString text = share > 0 && share < 0.1
                                 ? fitting({QStringLiteral("< 0.1 %"), QStringLiteral("< 0.1")}, m_style.tick, room)
                                 : fitting({QStringLiteral("%1 %").arg(share, 0, 'f', 1), QString::number(share, 'f', 1),
                                            QString::number(share, 'f', 0)},
                                           m_style.tick, std::max(room - bar.width(), bar.width() - m_style.px(4)));
        const double width = metrics.horizontalAdvance(text);
        const bool inside = bar.right() + width + m_style.px(6) > m_energies->right();
        painter->setPen(inside ? (m_style.theme.dark ? m_style.theme.ink : QColor(Qt::white)) : m_style.theme.ink);
        painter->drawText(QPointF(inside ? bar.right() - width - m_style.px(4) : bar.right() + m_style.px(4),
                                  (top + bottom) / 2 + metrics.capHeight() / 2),
                          text);
    }
}

void BandChart::drawHidden(QCPPainter* painter) const
{
    if (!m_filled || m_hide == 0 || m_contribution.steps.size() != 1)
        return;
    const QCPAxis* x = m_bands->axis(QCPAxis::atBottom);
    const QRectF whole = m_bands->rect();
    const double first = m_contribution.firstPosition, end = first + m_contribution.positions;
    for (const auto& [from, to] : {std::pair(first, first + m_hide), std::pair(end - m_hide, end)})
        drawHatch(painter,
                  QRectF(QPointF(x->coordToPixel(from), whole.top()), QPointF(x->coordToPixel(to), whole.bottom())) & whole,
                  m_style);
}

} // namespace winnow::views
