// SPDX-License-Identifier: GPL-3.0-or-later
// How the strips, the ruler and their marks look. See deck_strips.h.
#include "views/deck/deck_strips.h"

#include "views/notes/note_flags.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/dock_style.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kPlayheadHalf = 6; ///< pixels from the middle of the playhead's triangle to its sides

} // namespace

void DeckStrips::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    painter.fillRect(QRect(0, 0, width(), 1), m_theme.line);
    if (m_tokens == 0)
        return;
    for (int strip = 0; strip < stripCount(); ++strip) {
        const auto at = static_cast<std::size_t>(strip);
        if (at < m_images.size() && !m_images[at].isNull()) {
            painter.drawImage(stripRect(strip), m_images[at]);
            if (m_rows[at].quiet)
                paintQuiet(painter, stripRect(strip));
            continue;
        }
        painter.fillRect(stripRect(strip), m_theme.page); // not computed: hatched, never kept
        painter.fillRect(stripRect(strip), QBrush(m_theme.line, Qt::BDiagPattern));
    }
    if (nameColumns() > 0)
        paintNames(painter);
    paintRuler(painter);
    paintMarks(painter);
    if (m_keyboardFocus) {
        painter.setPen(QPen(QColor::fromRgb(m_theme.differenceThis), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
    }
}

/// As in the maps: where nothing had to go yet, the ground of what is evicted with dots, never a solid field.
void DeckStrips::paintQuiet(QPainter& painter, QRectF strip) const
{
    constexpr int kDotPitch = 6;
    strip.setRight(xOf(m_selection->state().step + 1));
    painter.fillRect(strip, QColor::fromRgb(m_theme.none));
    for (double x = strip.left() + 2; x < strip.right() - 1; x += kDotPitch)
        painter.fillRect(QRectF(std::floor(x), std::floor(strip.center().y()), 1, 1), QColor::fromRgb(m_theme.rule[80]));
}

void DeckStrips::paintNames(QPainter& painter) const
{
    painter.setFont(uiFont(11));
    const QFontMetricsF metrics(painter.font());
    const int columns = nameColumns();
    const double width = (left() - 12.0) / columns;
    for (int strip = 0; strip < stripCount(); ++strip) {
        const int policy = m_policies[static_cast<std::size_t>(strip)];
        const bool focused = policy == m_selection->state().focus;
        painter.setPen(focused ? m_theme.ink : m_theme.muted);
        const QRectF row = stripRect(strip);
        if (focused)
            painter.fillRect(QRectF(0, row.top(), 3, row.height()), QColor::fromRgb(m_theme.differenceThis));
        if (m_selection->state().difference && policy == m_selection->state().reference)
            painter.fillRect(QRectF(focused ? 3 : 0, row.top(), 3, row.height()), QColor::fromRgb(m_theme.differenceReference));
        const QString name =
            QStringLiteral("%1 %2").arg(policy + 1).arg(policyTitle(*m_data.replay->policies[static_cast<std::size_t>(policy)]));
        const int line = strip / columns * columns, column = strip - line;
        const double middle = (stripRect(line).top() + stripRect(line + columns - 1).bottom()) / 2;
        painter.drawText(QRectF(12 + column * width, middle - metrics.height() / 2, width - 8, metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                         metrics.elidedText(name, Qt::ElideRight, width - 8));
    }
}

void DeckStrips::paintRuler(QPainter& painter) const
{
    const QRectF ruler = rulerRect();
    painter.setFont(uiFont(11));
    const QFontMetricsF metrics(painter.font());
    const double labelTop = ruler.bottom() - metrics.height();
    painter.setPen(m_theme.muted);
    const double spacing = metrics.horizontalAdvance(grouped(m_tokens)) + 48;
    const std::vector<int> ticks = axisTicks(0, m_tokens, ruler.width(), spacing);
    const double playhead = xOf(m_selection->state().step + 1);
    const int minor = ticks.size() > 1 ? std::max(1, (ticks[1] - ticks[0]) / 2) : m_tokens;
    for (int tick = 0; tick <= m_tokens; tick += minor)
        painter.fillRect(QRectF(std::min(xOf(tick), ruler.right() - 1), ruler.top() + 1, 1, tick % (2 * minor) == 0 ? 5 : 3),
                         m_theme.muted);
    for (const int tick : ticks) {
        const QString text = grouped(tick);
        const double width = metrics.horizontalAdvance(text) + 1;
        const double x = std::clamp(xOf(tick) - width / 2, 0.0, this->width() - width - 2);
        if (playhead > x - kPlayheadHalf && playhead < x + width + kPlayheadHalf)
            continue; // the label gives way to the triangle, which would cover half of it
        painter.drawText(QRectF(x, labelTop, width, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
    }
    for (const int hit : m_hits)
        painter.fillRect(QRectF(std::floor(xOf(hit + 0.5)), ruler.top() - 2, 2, 6), m_theme.ink);
    drawNoteFlags(
        painter, m_notes, [this](double token) { return xOf(token); }, ruler.top() + 9, m_theme);
    const Zoom& zoom = m_selection->state().zoom;
    if (!zoom.isEmpty()) {
        const double from = xOf(zoom.tokenBegin), to = std::max(xOf(zoom.tokenEnd), from + 3), y = ruler.top() + 1;
        const QColor blue = QColor::fromRgb(m_theme.differenceThis);
        painter.fillRect(QRectF(from, y + 4, to - from, 2), blue);
        painter.fillRect(QRectF(from, y, 2, 6), blue);
        painter.fillRect(QRectF(to - 2, y, 2, 6), blue);
    }
}

void DeckStrips::paintMarks(QPainter& painter) const
{
    const SelectionState& state = m_selection->state();
    const double top = pad() - 2, bottom = rulerRect().top();
    if (state.tokenRange) {
        const QRectF band(QPointF(xOf(state.tokenRange->begin), top), QPointF(xOf(state.tokenRange->end), bottom));
        QColor ink = m_theme.ink;
        ink.setAlphaF(0.06f);
        painter.fillRect(band, ink);
        painter.fillRect(QRectF(std::round(band.left()), top, 1, band.height()), m_theme.ink);
        painter.fillRect(QRectF(std::max(std::round(band.left()) + 2, std::round(band.right())), top, 1, band.height()),
                         m_theme.ink);
    }
    for (const Span& span : state.spans) {
        const double middle = (xOf(span.tokens.begin) + xOf(span.tokens.end)) / 2;
        const double half = std::max(1.5, (xOf(span.tokens.end) - xOf(span.tokens.begin)) / 2);
        painter.fillRect(QRectF(middle - half, 1, 2 * half, 1.5), m_theme.ink);
        painter.fillRect(QRectF(middle - half, 1, 1, pad()), m_theme.ink);
        painter.fillRect(QRectF(middle + half - 1, 1, 1, pad()), m_theme.ink);
    }
    if (state.token) {
        QPen pen(m_theme.ink, 1);
        pen.setDashPattern({3, 3});
        painter.setPen(pen);
        const double x = std::floor(xOf(*state.token + 0.5)) + 0.5;
        painter.drawLine(QLineF(x, top, x, bottom));
    }
    const double x = std::round(xOf(state.step + 1));
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.fillRect(QRectF(x - 0.75, 2, 1.5, bottom - 2), m_theme.ink);
    QPainterPath triangle(QPointF(x, bottom));
    triangle.lineTo(x + kPlayheadHalf, bottom + 10);
    triangle.lineTo(x - kPlayheadHalf, bottom + 10);
    triangle.closeSubpath();
    painter.fillPath(triangle, m_theme.ink);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

} // namespace winnow::views
