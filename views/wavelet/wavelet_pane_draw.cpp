// SPDX-License-Identifier: GPL-3.0-or-later
// What a pane of the Wavelet tab draws. See wavelet_pane.h.
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/dock_style.h"
#include "views/wavelet/wavelet_pane.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kLabelledToken = 14;

/// The axis' name, turned, at the far left.
void drawTurned(QCPPainter* painter, const QRectF& area, const PlotStyle& style, const QStringList& texts)
{
    const QFontMetricsF metrics(style.tick);
    const QString text = fitting(texts, style.tick, area.height());
    painter->save();
    painter->translate(metrics.height() / 2 + 3, area.center().y());
    painter->rotate(-90);
    painter->drawText(QRectF(-area.height() / 2, -metrics.height() / 2, area.height(), metrics.height()),
                      Qt::AlignCenter | Qt::TextSingleLine, text);
    painter->restore();
}

} // namespace

void WaveletPane::drawPicture(QCPPainter* painter)
{
    if (!m_rect->visible())
        return;
    if (!m_content.picture) { // not computed yet: hatched, never zero
        drawHatch(painter, area(), style());
        return;
    }
    const WaveletPicture& picture = *m_content.picture;
    if (picture.scalogram) {
        painter->drawImage(area(), m_image);
        const double first = picture.firstPosition(), end = first + picture.positions(); // sinks and newest tokens are left out
        for (const auto& [from, to] : {std::pair(0.0, first), std::pair(end, picture.step() + 1.0)})
            drawHatch(painter, QRectF(QPointF(stack().x(from), area().top()), QPointF(stack().x(to), area().bottom())) & area(),
                      style());
        drawCone(painter, *picture.scalogram, scalogram(), style());
        if (!m_content.against)
            drawRidges(painter, *picture.scalogram, scalogram(), style());
        return;
    }
    const StackGeometry geometry = stack();
    const int hide = hidden(picture);
    if (m_content.against)
        drawBandDifference(painter, geometry, m_rows, m_rowsAgainst, picture.firstPosition(), hide, style(), devicePixelRatioF());
    else
        drawBands(painter, geometry, m_rows, picture.firstPosition(), hide, m_content.magnitudes, style(), devicePixelRatioF());
    const double first = picture.firstPosition(), end = first + picture.positions();
    for (const auto& [from, to] : {std::pair(first, first + hide), std::pair(end - hide, end)})
        drawHatch(painter, QRectF(QPointF(geometry.x(from), area().top()), QPointF(geometry.x(to), area().bottom())) & area(),
                  style());
}

void WaveletPane::drawFrame(QCPPainter* painter)
{
    if (!isShown())
        return;
    const PlotStyle& look = style();
    painter->setFont(look.tick);
    painter->setAntialiasing(false);
    drawTokenAxis(painter);
    drawDistances(painter);
    if (m_content.picture->scalogram) {
        drawPeriods(painter);
        drawSpectrum(painter);
    } else {
        drawRowNames(painter);
        drawEnergies(painter);
    }
    drawLegend(painter);
    if (!m_content.title.isEmpty()) {
        painter->setFont(look.label);
        painter->setPen(look.theme.ink);
        const QFontMetricsF metrics(look.label);
        const QRectF line(area().left(), 1, width() - area().left() - 8, metrics.height());
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(m_content.title, Qt::ElideRight, line.width()));
    }
}

/// As the maps': numbers at multiples of a power of two, token texts where tokens are wide.
void WaveletPane::drawTokenAxis(QCPPainter* painter) const
{
    const StackGeometry geometry = stack();
    const QFontMetricsF metrics(painter->font());
    const double numbersTop = height() - 2 * metrics.height() - 4, top = area().bottom() + 2;
    painter->setPen(style().theme.muted);
    if (geometry.tokenWidth() >= kLabelledToken)
        for (int token = std::max(0, static_cast<int>(std::ceil(geometry.tokenBegin - 0.5))); token < tokens(); ++token) {
            const double x = geometry.x(token + 0.5);
            if (x > area().right())
                break;
            painter->save();
            painter->translate(x, top);
            painter->rotate(90);
            painter->drawText(QRectF(2, -metrics.height() / 2, numbersTop - top, metrics.height()),
                              Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, tokenLabel(m_data, token));
            painter->restore();
        }
    const double widest = metrics.horizontalAdvance(grouped(tokens()));
    double taken = area().left() - 1;
    for (const int tick : axisTicks(geometry.tokenBegin, geometry.tokenEnd, area().width(), widest + 16)) {
        const QString text = grouped(tick);
        const double wide = metrics.horizontalAdvance(text) + 1,
                     left = std::min(geometry.x(tick) - wide / 2, area().right() + 6 - wide);
        if (left < taken && tick != 0)
            continue;
        painter->drawText(QRectF(left, numbersTop, wide, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
        taken = left + wide + 6;
    }
    const double title = metrics.horizontalAdvance(QStringLiteral("token")) + 1;
    painter->drawText(QRectF(area().left() - 12 - title, numbersTop, title, metrics.height()),
                      Qt::AlignCenter | Qt::TextSingleLine, QStringLiteral("token"));
}

/// Above the picture: the distance from now, at powers of two, which are the columns of the matrix.
void WaveletPane::drawDistances(QCPPainter* painter) const
{
    const StackGeometry geometry = stack();
    const QFontMetricsF metrics(painter->font());
    const int step = m_content.picture->step(), farthest = m_content.picture->positions();
    const double textTop = area().top() - metrics.height() - 4;
    double taken = area().right() + metrics.averageCharWidth() * 2; // from the right: now is what matters
    for (int distance = 0; distance < farthest; distance = distance == 0 ? 1 : 2 * distance) {
        const double x = geometry.x(step + 1 - distance);
        if (x < area().left() || x > area().right() + 0.5)
            continue;
        const QString text = distance == 0 ? QStringLiteral("now") : grouped(distance);
        const double wide = metrics.horizontalAdvance(text) + 1;
        const double left = std::clamp(x - wide / 2, area().left(), std::max(area().left(), area().right() - wide));
        if (left + wide > taken - 8)
            continue;
        painter->setPen(style().theme.muted);
        painter->drawText(QRectF(left, textTop, wide, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
        painter->drawLine(QLineF(x, area().top() - 4, x, area().top()));
        taken = left;
    }
    const QString title = fitting({QStringLiteral("distance"), QStringLiteral("dist.")}, painter->font(), area().left() - 8);
    const double wide = metrics.horizontalAdvance(title) + 1;
    if (area().left() + 6 < taken)
        painter->drawText(QRectF(area().left() - 8 - wide, textTop, wide, metrics.height()), Qt::AlignRight | Qt::TextSingleLine,
                          title);
}

void WaveletPane::drawRowNames(QCPPainter* painter) const
{
    const StackGeometry geometry = stack();
    const QFontMetricsF metrics(painter->font());
    const int rows = static_cast<int>(m_rows.size());
    const bool two = geometry.rowHeight() >= 2 * metrics.height() - 2;
    const int every = std::max(1, static_cast<int>(std::ceil(metrics.ascent() / geometry.rowHeight())));
    for (int row = 0; row < rows; ++row) {
        if (row % every != 0 && row + 1 != rows)
            continue;
        const BandRow& one = m_rows[static_cast<std::size_t>(row)];
        const double middle = (geometry.rowTop(row) + geometry.rowTop(row + 1)) / 2;
        const QRectF line(metrics.height() + 4, middle - metrics.height() / 2, area().left() - 6 - metrics.height() - 4,
                          metrics.height());
        const bool both = two && !one.scale.isEmpty();
        painter->setPen(style().theme.ink);
        painter->drawText(both ? line.translated(0, -metrics.height() / 2 + 1) : line,
                          Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, one.name);
        painter->setPen(style().theme.muted);
        if (both)
            painter->drawText(line.translated(0, metrics.height() / 2 - 1),
                              Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, one.scale);
    }
    drawTurned(
        painter, area(), style(),
        two ? QStringList{QStringLiteral("Level, tokens per cycle"), QStringLiteral("Level, tokens"), QStringLiteral("Level")}
            : QStringList{QStringLiteral("Level")});
}

void WaveletPane::drawPeriods(QCPPainter* painter) const
{
    const ScalogramGeometry geometry = scalogram();
    const QFontMetricsF metrics(painter->font());
    double taken = -1e9;
    painter->setPen(style().theme.muted);
    for (double period = 1; period <= geometry.longest; period *= 2) {
        const double y = geometry.y(period);
        if (y < area().top() || y - metrics.height() / 2 < taken || y > area().bottom())
            continue;
        painter->drawText(QRectF(0, y - metrics.height() / 2, area().left() - 6, metrics.height()),
                          Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, grouped(qint64(period)));
        painter->drawLine(QLineF(area().left() - 4, y, area().left(), y));
        taken = y + metrics.height() / 2;
    }
    drawTurned(painter, area(), style(), {QStringLiteral("Tokens per cycle"), QStringLiteral("Period")});
}

void WaveletPane::drawEnergies(QCPPainter* painter) const
{
    const StackGeometry geometry = stack();
    const PlotStyle& look = style();
    const QFontMetricsF metrics(painter->font());
    double most = 0;
    for (const BandRow& row : m_rows)
        most = std::max(most, row.energy.value_or(0));
    if (most <= 0 || metrics.ascent() > geometry.rowHeight())
        return;
    const double left = area().right() + look.px(8);
    if (m_energies) {
        painter->setPen(look.theme.muted);
        painter->drawText(QRectF(left, area().top() - metrics.height() - 4, width() - left, metrics.height()),
                          Qt::AlignLeft | Qt::TextSingleLine,
                          m_content.against ? QStringLiteral("energy, pp") : QStringLiteral("energy"));
    }
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        if (!m_rows[row].energy)
            continue;
        const double middle = (geometry.rowTop(int(row)) + geometry.rowTop(int(row) + 1)) / 2, energy = *m_rows[row].energy;
        QString text = percentWords(energy);
        if (m_content.against && row < m_rowsAgainst.size() && m_rowsAgainst[row].energy)
            text = QStringLiteral("%1%2")
                       .arg(energy < *m_rowsAgainst[row].energy ? QStringLiteral("−") : QStringLiteral("+"))
                       .arg(std::abs(100 * (energy - m_rowsAgainst[row].energy.value_or(0))), 0, 'f', 1);
        if (!m_energies) {
            const double wide = metrics.horizontalAdvance(text) + 6;
            const QRectF place(area().right() - wide - 3, geometry.rowTop(int(row)) + 1, wide, metrics.height());
            QColor ground = look.theme.page;
            ground.setAlphaF(0.75F);
            painter->fillRect(place, ground);
            painter->setPen(look.theme.muted);
            painter->drawText(place, Qt::AlignCenter | Qt::TextSingleLine, text);
            continue;
        }
        double at = left;
        const bool two = geometry.rowHeight() >= 2.4 * metrics.height() && !m_content.against; // the brush's part stands below
        const double line = two ? middle - metrics.height() / 2 : middle;
        if (!m_content.against) {
            const QRectF bar(left, line - look.px(4), std::max(1.0, look.px(kEnergyBar) * energy / most), look.px(8));
            painter->fillRect(bar, QColor::fromRgb(look.theme.choice[look.theme.dark ? 63 : 84]));
            at = bar.right() + look.px(4);
        }
        painter->setPen(look.theme.ink);
        painter->drawText(QRectF(at, line - metrics.height() / 2, width() - at, metrics.height()),
                          Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text);
    }
}

/// Mean amplitude per period inside the cone, and what noise stays below.
void WaveletPane::drawSpectrum(QCPPainter* painter) const
{
    if (!m_energies)
        return;
    const TokenScalogram& power = *m_content.picture->scalogram;
    const ScalogramGeometry geometry = scalogram();
    const PlotStyle& look = style();
    const QFontMetricsF metrics(painter->font());
    const double left = area().right() + look.px(8), across = width() - left - look.px(8);
    double most = 0;
    for (const double value : power.global)
        most = std::max(most, std::isnan(value) ? 0 : value);
    painter->setPen(look.theme.muted);
    painter->drawText(QRectF(left, area().top() - metrics.height() - 4, width() - left, metrics.height()),
                      Qt::AlignLeft | Qt::TextSingleLine, QStringLiteral("mean"));
    if (most <= 0)
        return;
    painter->setAntialiasing(true);
    const auto line = [&](std::span<const double> values, const QPen& pen) {
        QPolygonF points;
        for (std::size_t s = 0; s < values.size(); ++s)
            if (!std::isnan(values[s]))
                points << QPointF(left + across * std::min(1.0, std::sqrt(values[s] / most)), geometry.y(power.period[s]));
        painter->setPen(pen);
        painter->drawPolyline(points);
    };
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(look.theme.line, 1));
    painter->drawLine(QLineF(left, area().top(), left, area().bottom()));
    QPen noise(look.theme.muted, 1);
    noise.setDashPattern({3, 3});
    line(power.threshold, noise);
    line(power.global, QPen(QColor::fromRgb(look.theme.choice[look.theme.dark ? 84 : 94]), 1.5));
}

/// The last line: what heights and colors mean.
void WaveletPane::drawLegend(QCPPainter* painter) const
{
    const PlotStyle& look = style();
    const QFontMetricsF metrics(look.tick);
    const double top = height() - metrics.height() - 2;
    double left = area().left();
    painter->setFont(look.tick);
    const auto swatch = [&](const QColor& color, const QString& word) {
        painter->fillRect(QRectF(left, top + metrics.height() / 2 - look.px(4), look.px(8), look.px(8)), color);
        painter->setPen(look.theme.muted);
        painter->drawText(QRectF(left + look.px(12), top, area().right() - left, metrics.height()),
                          Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, word);
        left += look.px(12) + metrics.horizontalAdvance(word) + look.px(12);
    };
    if (m_content.against) {
        swatch(QColor::fromRgb(look.theme.differenceThis), QStringLiteral("this is larger"));
        swatch(QColor::fromRgb(look.theme.differenceReference), QStringLiteral("the other is"));
        return;
    }
    if (m_content.picture->lostBy())
        swatch(QColor::fromRgb(look.theme.lost[look.theme.dark ? 84 : 78]), QStringLiteral("lost"));
    QStringList words{QStringLiteral("magnitude: ") + m_content.magnitudes.words(), m_content.magnitudes.words()};
    if (const auto& power = m_content.picture->scalogram) {
        words.clear();
        if (!power->threshold.empty())
            words << QStringLiteral("outlined: above %1 % of %2 noise; hatched: the ends reach here; dashed: ridges")
                         .arg(100 * power->confidence)
                         .arg(QString::fromUtf8(noiseName(power->noise).data()))
                  << QStringLiteral("outlined: above %1 % of %2 noise; hatched: ends")
                         .arg(100 * power->confidence)
                         .arg(QString::fromUtf8(noiseName(power->noise).data()));
        words << QStringLiteral("hatched: the ends reach here");
    }
    painter->setPen(look.theme.muted);
    const QRectF line(left, top, area().right() - left, metrics.height());
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      metrics.elidedText(fitting(words, look.tick, line.width()), Qt::ElideRight, line.width()));
}

} // namespace winnow::views
