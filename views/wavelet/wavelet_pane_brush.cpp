// SPDX-License-Identifier: GPL-3.0-or-later
// What a pane of the Wavelet tab marks: rows, regions, the tokens that carry them, and what a range of tokens holds. See
// wavelet_pane.h.
#include "views/style/dock_style.h"
#include "views/wavelet/wavelet_pane.h"

#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kShare = 0.5;  ///< of the power that carriers hold
constexpr double kFlatDrag = 4; ///< a drag over a scalogram no higher than this brushes tokens only

} // namespace

// --- input

void WaveletPane::mousePressEvent(QMouseEvent* event)
{
    m_anchor.reset();
    m_regionFrom.reset();
    if (isShown() && event->button() == Qt::LeftButton && area().contains(event->position())) {
        setMarkedRow(m_rows.empty() ? std::nullopt : std::optional(stack().rowAt(event->position().y())));
        if (m_content.picture->scalogram && !(event->modifiers() & Qt::ShiftModifier))
            m_regionFrom = event->position();
        if (m_chosen)
            m_chosen();
    }
    ChartPlot::mousePressEvent(event);
}

/// The token range is the plot's; the periods between press and pointer belong to it.
void WaveletPane::mouseMoveEvent(QMouseEvent* event)
{
    if (m_regionFrom && isShown() && m_content.picture->scalogram) {
        const double from = m_regionFrom->y(), to = std::clamp(event->position().y(), area().top(), area().bottom());
        const ScalogramGeometry down = scalogram();
        m_scale.reset();
        m_scaleAnchor.reset();
        if (std::abs(to - from) >= kFlatDrag)
            setPeriods(std::pair{down.period(std::min(from, to)), down.period(std::max(from, to))});
        else
            setPeriods({});
    }
    ChartPlot::mouseMoveEvent(event);
    if (m_regionFrom && m_chosen)
        m_chosen();
}

void WaveletPane::mouseReleaseEvent(QMouseEvent* event)
{
    m_regionFrom.reset();
    ChartPlot::mouseReleaseEvent(event);
}

/// A scale, or with Shift all from where it was.
void WaveletPane::movePeriods(int by, bool extend)
{
    const TokenScalogram& power = *m_content.picture->scalogram;
    if (power.scales < 1)
        return;
    m_scale = m_scale ? std::clamp(*m_scale + by, 0, power.scales - 1) : by > 0 ? 0 : power.scales - 1;
    if (!extend || !m_scaleAnchor)
        m_scaleAnchor = m_scale;
    const auto [first, last] = std::minmax(*m_scale, *m_scaleAnchor);
    setPeriods(std::pair{power.period[static_cast<std::size_t>(first)], power.period[static_cast<std::size_t>(last)]});
    if (m_chosen)
        m_chosen();
}

void WaveletPane::setPeriods(Periods periods)
{
    if (periods == m_periods)
        return;
    m_periods = periods;
    setAccessibleDescription(sentence());
    replotOverlay();
}

// --- what is marked

WaveletPane::Periods WaveletPane::markedPeriods() const
{
    carriers();
    return m_marked;
}

const std::vector<int>& WaveletPane::carriers() const
{
    const Brush now = brush();
    if (m_carriersOf == now)
        return m_carriers;
    m_carriersOf = now;
    m_carriers.clear();
    m_powerInRange.clear();
    m_marked = now.periods;
    if (!now.range || !isShown() || m_content.against)
        return m_carriers;
    const WaveletPicture& picture = *m_content.picture;
    const int begin = now.range->begin, end = now.range->end;
    if (picture.scalogram) {
        m_powerInRange = powerInRange(*picture.scalogram, begin, end);
        if (!m_marked)
            m_marked = strongestPeriods(*picture.scalogram, m_powerInRange, kShare);
        if (m_marked)
            m_carriers = winnow::carriers(*picture.scalogram, m_marked->first, m_marked->second, begin, end, kShare);
    } else if (now.row && picture.brush) {
        m_carriers = picture.brush->carriers(m_rows[static_cast<std::size_t>(*now.row)].band, begin, end, kShare);
    } else if (now.row) { // packets tell magnitudes
        std::vector<double> power(m_rows[static_cast<std::size_t>(*now.row)].values.begin(),
                                  m_rows[static_cast<std::size_t>(*now.row)].values.end());
        for (double& value : power)
            value *= value;
        m_carriers = heaviestTokens(power, picture.firstPosition(), begin, end, kShare);
    }
    return m_carriers;
}

QString WaveletPane::carrierWords() const
{
    const auto& range = m_state->state().tokenRange;
    if (!range || carriers().empty())
        return {};
    QString what;
    if (m_rows.empty()) {
        const Periods marked = markedPeriods();
        what = QObject::tr("the power at %1 to %2 tokens per cycle").arg(periodWords(marked->first), periodWords(marked->second));
    } else {
        const BandRow& row = m_rows[static_cast<std::size_t>(*m_markedRow)];
        what = row.scale.isEmpty()                  ? QObject::tr("the signal")
               : row.name == QStringLiteral("rest") ? QObject::tr("the rest")
                                                    : QObject::tr("level %1").arg(row.name);
    }
    return QObject::tr("%1 of %2 tokens carry half of %3")
        .arg(grouped(static_cast<qint64>(m_carriers.size())), grouped(range->size()), what);
}

// --- drawing

/// Ticks under the tokens that carry what is marked: below its row, or along the lower edge of a scalogram.
void WaveletPane::drawCarriers(QCPPainter* painter)
{
    const std::vector<int>& tokens = carriers();
    if (tokens.empty())
        return;
    const StackGeometry geometry = stack();
    const double bottom = m_rows.empty() ? area().bottom() : geometry.rowTop(*m_markedRow + 1);
    double drawn = -1;
    for (const int token : tokens) {
        const double left = std::floor(geometry.x(token)), right = std::max(left + 1, std::floor(geometry.x(token + 1)));
        if (left == drawn || right < area().left() || left > area().right())
            continue;
        painter->fillRect(QRectF(QPointF(left, bottom - 4), QPointF(right, bottom - 1)) & area(), style().theme.ink);
        drawn = left;
    }
}

/// What the brush holds of every row, the marked row or region, progress and the focus ring: all that changes without new
/// numbers.
void WaveletPane::drawMarksOfRange(QCPPainter* painter)
{
    const PlotStyle& look = style();
    painter->setAntialiasing(false);
    if (m_working >= 0 && m_rect->visible())
        painter->fillRect(QRectF(area().left(), area().top(), area().width() * std::clamp(m_working, 0.02, 1.0), 2),
                          accentOf(look.theme));
    if (!isShown())
        return;
    if (m_byKeyboard)
        drawFocusRing(*painter, rect(), look.theme);
    if (m_content.picture->scalogram)
        drawRegion(painter);
    else if (m_rows.empty())
        return;
    drawMarkedRow(painter);
    drawCarriers(painter);
    drawSharesOfRange(painter);
}

void WaveletPane::drawMarkedRow(QCPPainter* painter) const
{
    if (!m_markedRow)
        return;
    const StackGeometry geometry = stack();
    const QRectF row(area().left(), geometry.rowTop(*m_markedRow), area().width(), geometry.rowHeight());
    painter->fillRect(QRectF(row.left() - 3, row.top() + 1, 3, row.height() - 2), accentOf(style().theme));
    QColor wash = accentOf(style().theme);
    wash.setAlphaF(0.08F);
    painter->fillRect(row, wash);
}

/// The brushed periods, dashed where they were found and not brushed; beside them the mean power of the brushed tokens.
void WaveletPane::drawRegion(QCPPainter* painter)
{
    const auto& range = m_state->state().tokenRange;
    if (!range || m_content.against)
        return;
    carriers();
    const PlotStyle& look = style();
    const ScalogramGeometry geometry = scalogram();
    const TokenScalogram& power = *m_content.picture->scalogram;
    if (const Periods marked = markedPeriods()) {
        const StackGeometry across = geometry.across();
        const QRectF box = QRectF(QPointF(across.x(range->begin), geometry.y(marked->first)),
                                  QPointF(across.x(range->end), geometry.y(marked->second)))
                               .adjusted(0, m_periods ? 0 : -2, 0, m_periods ? 0 : 2) &
                           area().adjusted(0, 0, -1, -1);
        QPen pen(look.theme.ink, 1.5);
        if (!m_periods)
            pen.setDashPattern({4, 3});
        painter->setPen(pen);
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(box);
    }
    const double most =
        *std::max_element(power.global.begin(), power.global.end(), [](double a, double b) { return std::isnan(a) || a < b; });
    if (!m_energies || m_powerInRange.empty() || !(most > 0))
        return;
    const double left = area().right() + look.px(8), wide = width() - left - look.px(8);
    QPolygonF line;
    for (std::size_t s = 0; s < m_powerInRange.size(); ++s)
        line << QPointF(left + wide * std::min(1.0, std::sqrt(m_powerInRange[s] / most)), geometry.y(power.period[s]));
    painter->setAntialiasing(true);
    painter->setPen(QPen(look.theme.ink, 1));
    painter->drawPolyline(line);
    painter->setAntialiasing(false);
}

/// A bar per row: the row's part of the power of the brushed tokens.
void WaveletPane::drawSharesOfRange(QCPPainter* painter) const
{
    const auto& range = m_state->state().tokenRange;
    if (!range || !m_energies || m_content.against)
        return;
    const PlotStyle& look = style();
    const StackGeometry geometry = stack();
    painter->setFont(look.tick);
    const QFontMetricsF metrics(look.tick);
    const double left = area().right() + look.px(8);
    if (!m_rows.empty()) {
        if (geometry.rowHeight() < 1.5 * metrics.height())
            return;
        const std::vector<double> shares = energyInRange(*m_content.picture, m_rows, range->begin, range->end);
        double most = 0;
        for (const BandRow& row : m_rows)
            most = std::max(most, row.energy.value_or(0));
        for (std::size_t row = 0; row < shares.size(); ++row) {
            if (std::isnan(shares[row]))
                continue;
            const bool two = geometry.rowHeight() >= 2.4 * metrics.height();
            const double top = (geometry.rowTop(int(row)) + geometry.rowTop(int(row) + 1)) / 2 +
                               (two ? metrics.height() / 2 - look.px(1.5) : look.px(6));
            const double wide = std::min<double>(look.px(kEnergyBar), look.px(kEnergyBar) * shares[row] / most);
            painter->fillRect(QRectF(left, top, std::max(1.0, wide), look.px(3)), look.theme.ink);
            if (two) {
                painter->setPen(look.theme.muted);
                painter->drawText(QRectF(left + std::max(1.0, wide) + look.px(4), top + look.px(1.5) - metrics.height() / 2,
                                         width() - left, metrics.height()),
                                  Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, percentWords(shares[row]));
            }
        }
    }
    const double top = height() - metrics.height() - 2; // beside the legend
    painter->setPen(look.theme.muted);
    painter->fillRect(QRectF(left, top + metrics.height() / 2 - 1, look.px(8), look.px(m_rows.empty() ? 1 : 3)), look.theme.ink);
    painter->drawText(QRectF(left + look.px(12), top, width() - left - look.px(12), metrics.height()),
                      Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, QStringLiteral("in range"));
}

} // namespace winnow::views
