// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_axes.h"

#include "views/plot/number_words.h"
#include "views/plot/short_number.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/theme.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

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

/// As the maps': numbers at multiples of a power of two, token texts where tokens are wide.
void drawTokenAxis(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    const StackGeometry geometry = scene.stack();
    const QFontMetricsF metrics(painter->font());
    const double numbersTop = scene.size.height() - 2 * metrics.height() - 4, top = scene.area.bottom() + 2;
    painter->setPen(style.theme.muted);
    if (geometry.tokenWidth() >= kLabelledToken)
        for (int token = std::max(0, static_cast<int>(std::ceil(geometry.tokenBegin - 0.5))); token < scene.tokens(); ++token) {
            const double x = geometry.x(token + 0.5);
            if (x > scene.area.right())
                break;
            painter->save();
            painter->translate(x, top);
            painter->rotate(90);
            painter->drawText(QRectF(2, -metrics.height() / 2, numbersTop - top, metrics.height()),
                              Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, tokenLabel(scene.data, token));
            painter->restore();
        }
    const double widest = metrics.horizontalAdvance(grouped(scene.tokens()));
    double taken = scene.area.left() - 1;
    for (const int tick : axisTicks(geometry.tokenBegin, geometry.tokenEnd, scene.area.width(), widest + 16)) {
        const QString text = grouped(tick);
        const double wide = metrics.horizontalAdvance(text) + 1,
                     left = std::min(geometry.x(tick) - wide / 2, scene.area.right() + 6 - wide);
        if (left < taken && tick != 0)
            continue;
        painter->drawText(QRectF(left, numbersTop, wide, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
        taken = left + wide + 6;
    }
    const double title = metrics.horizontalAdvance(QStringLiteral("token")) + 1;
    painter->drawText(QRectF(scene.area.left() - 12 - title, numbersTop, title, metrics.height()),
                      Qt::AlignCenter | Qt::TextSingleLine, QStringLiteral("token"));
}

/// Above the picture: the distance from now, at powers of two, which are the columns of the matrix.
void drawDistances(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    const StackGeometry geometry = scene.stack();
    const QFontMetricsF metrics(painter->font());
    const int step = scene.content.picture->step(), farthest = scene.content.picture->positions();
    const double textTop = scene.area.top() - metrics.height() - 4;
    double taken = scene.area.right() + metrics.averageCharWidth() * 2; // from the right: now is what matters
    for (int distance = 0; distance < farthest; distance = distance == 0 ? 1 : 2 * distance) {
        const double x = geometry.x(step + 1 - distance);
        if (x < scene.area.left() || x > scene.area.right() + 0.5)
            continue;
        const QString text = distance == 0 ? QStringLiteral("now") : grouped(distance);
        const double wide = metrics.horizontalAdvance(text) + 1;
        const double left = std::clamp(x - wide / 2, scene.area.left(), std::max(scene.area.left(), scene.area.right() - wide));
        if (left + wide > taken - 8)
            continue;
        painter->setPen(style.theme.muted);
        painter->drawText(QRectF(left, textTop, wide, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
        painter->drawLine(QLineF(x, scene.area.top() - 4, x, scene.area.top()));
        taken = left;
    }
    const QString title = fitting({QStringLiteral("distance"), QStringLiteral("dist.")}, painter->font(), scene.area.left() - 8);
    const double wide = metrics.horizontalAdvance(title) + 1;
    if (scene.area.left() + 6 < taken)
        painter->drawText(QRectF(scene.area.left() - 8 - wide, textTop, wide, metrics.height()),
                          Qt::AlignRight | Qt::TextSingleLine, title);
}

void drawRowNames(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    const StackGeometry geometry = scene.stack();
    const QFontMetricsF metrics(painter->font());
    const int rows = static_cast<int>(scene.rows.size());
    const bool two = geometry.rowHeight() >= 2 * metrics.height() - 2;
    const int every = std::max(1, static_cast<int>(std::ceil(metrics.ascent() / geometry.rowHeight())));
    for (int row = 0; row < rows; ++row) {
        if (row % every != 0 && row + 1 != rows)
            continue;
        const BandRow& one = scene.rows[static_cast<std::size_t>(row)];
        const double middle = (geometry.rowTop(row) + geometry.rowTop(row + 1)) / 2;
        const QRectF line(metrics.height() + 4, middle - metrics.height() / 2, scene.area.left() - 6 - metrics.height() - 4,
                          metrics.height());
        const bool both = two && !one.scale.isEmpty();
        painter->setPen(style.theme.ink);
        painter->drawText(both ? line.translated(0, -metrics.height() / 2 + 1) : line,
                          Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, one.name);
        painter->setPen(style.theme.muted);
        if (both)
            painter->drawText(line.translated(0, metrics.height() / 2 - 1),
                              Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, one.scale);
    }
    drawTurned(
        painter, scene.area, style,
        two ? QStringList{QStringLiteral("Level, tokens per cycle"), QStringLiteral("Level, tokens"), QStringLiteral("Level")}
            : QStringList{QStringLiteral("Level")});
}

void drawPeriods(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    const ScalogramGeometry geometry = scene.scalogram();
    const QFontMetricsF metrics(painter->font());
    double taken = -1e9;
    painter->setPen(style.theme.muted);
    for (double period = 1; period <= geometry.longest; period *= 2) {
        const double y = geometry.y(period);
        if (y < scene.area.top() || y - metrics.height() / 2 < taken || y > scene.area.bottom())
            continue;
        painter->drawText(QRectF(0, y - metrics.height() / 2, scene.area.left() - 6, metrics.height()),
                          Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, grouped(qint64(period)));
        painter->drawLine(QLineF(scene.area.left() - 4, y, scene.area.left(), y));
        taken = y + metrics.height() / 2;
    }
    drawTurned(painter, scene.area, style, {QStringLiteral("Tokens per cycle"), QStringLiteral("Period")});
}

void drawEnergies(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    const StackGeometry geometry = scene.stack();
    const QFontMetricsF metrics(painter->font());
    double most = 0;
    for (const BandRow& row : scene.rows)
        most = std::max(most, row.energy.value_or(0));
    if (most <= 0 || metrics.ascent() > geometry.rowHeight())
        return;
    const double left = scene.area.right() + style.px(8);
    if (scene.energies) {
        painter->setPen(style.theme.muted);
        painter->drawText(QRectF(left, scene.area.top() - metrics.height() - 4, scene.size.width() - left, metrics.height()),
                          Qt::AlignLeft | Qt::TextSingleLine,
                          scene.content.against ? QStringLiteral("energy, pp") : QStringLiteral("energy"));
    }
    for (std::size_t row = 0; row < scene.rows.size(); ++row) {
        if (!scene.rows[row].energy)
            continue;
        const double middle = (geometry.rowTop(int(row)) + geometry.rowTop(int(row) + 1)) / 2, energy = *scene.rows[row].energy;
        QString text = percentWords(energy);
        if (scene.content.against && row < scene.rowsAgainst.size() && scene.rowsAgainst[row].energy)
            text = QStringLiteral("%1%2")
                       .arg(energy < *scene.rowsAgainst[row].energy ? QStringLiteral("−") : QStringLiteral("+"))
                       .arg(std::abs(100 * (energy - scene.rowsAgainst[row].energy.value_or(0))), 0, 'f', 1);
        if (!scene.energies) {
            const double wide = metrics.horizontalAdvance(text) + 6;
            const QRectF place(scene.area.right() - wide - 3, geometry.rowTop(int(row)) + 1, wide, metrics.height());
            QColor ground = style.theme.page;
            ground.setAlphaF(0.75F);
            painter->fillRect(place, ground);
            painter->setPen(style.theme.muted);
            painter->drawText(place, Qt::AlignCenter | Qt::TextSingleLine, text);
            continue;
        }
        double at = left;
        const bool two =
            geometry.rowHeight() >= 2.4 * metrics.height() && !scene.content.against; // the brush's part stands below
        const double line = two ? middle - metrics.height() / 2 : middle;
        if (!scene.content.against) {
            const QRectF bar(left, line - style.px(4), std::max(1.0, style.px(kEnergyBar) * energy / most), style.px(8));
            painter->fillRect(bar, QColor::fromRgb(style.theme.choice[style.theme.dark ? 63 : 84]));
            at = bar.right() + style.px(4);
        }
        painter->setPen(style.theme.ink);
        painter->drawText(QRectF(at, line - metrics.height() / 2, scene.size.width() - at, metrics.height()),
                          Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text);
    }
}

/// Mean power per period inside the cone, by its root, and what that of noise stays below.
void drawSpectrum(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    if (!scene.energies)
        return;
    const TokenScalogram& power = *scene.content.picture->scalogram;
    const ScalogramGeometry geometry = scene.scalogram();
    const QFontMetricsF metrics(painter->font());
    const double left = scene.area.right() + style.px(8), across = scene.size.width() - left - style.px(8);
    double most = 0;
    for (const auto* values : {&power.global, &power.globalThreshold})
        for (const double value : *values)
            most = std::max(most, std::isnan(value) ? 0 : value);
    painter->setPen(style.theme.muted);
    painter->drawText(QRectF(left, scene.area.top() - metrics.height() - 4, scene.size.width() - left, metrics.height()),
                      Qt::AlignLeft | Qt::TextSingleLine,
                      fitting({QStringLiteral("mean, 0 to %1").arg(shortNumber(most)),
                               QStringLiteral("0–%1").arg(shortNumber(most)), QStringLiteral("mean")},
                              style.tick, scene.size.width() - left));
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
    painter->setPen(QPen(style.theme.line, 1));
    painter->drawLine(QLineF(left, scene.area.top(), left, scene.area.bottom()));
    QPen noise(style.theme.muted, 1);
    noise.setDashPattern({3, 3});
    line(power.globalThreshold, noise);
    line(power.global, QPen(QColor::fromRgb(style.theme.choice[style.theme.dark ? 84 : 94]), 1.5));
}

/// The ramp of a scalogram between the least and the largest power that it tells apart. Returns where it ends.
double drawPowerKey(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style, QPointF at)
{
    const bool own = scene.content.scale == RowScale::Own;
    const double most = scene.content.largestPower;
    const auto words = [own](double power) { return own ? QString() : shortNumber(power); };
    const QString low = scene.content.scale == RowScale::Log ? words(most / kPowerRange) : QStringLiteral("0");
    const QString high = own ? QStringLiteral("each period's largest") : words(most);
    const QFontMetricsF metrics(style.tick);
    const double wide = style.px(48);
    const auto write = [&](const QString& text) {
        painter->setPen(style.theme.muted);
        painter->drawText(QRectF(at, QSizeF(metrics.horizontalAdvance(text) + 1, metrics.height())),
                          Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text);
        at.rx() += metrics.horizontalAdvance(text) + style.px(6);
    };
    write(QStringLiteral("power"));
    write(low);
    const auto& ramp = style.theme.choice;
    for (int i = 0; i < static_cast<int>(wide); ++i)
        painter->fillRect(QRectF(at.x() + i, at.y() + metrics.height() / 2 - style.px(4), 1, style.px(8)),
                          QColor::fromRgb(ramp[static_cast<std::size_t>(i * 126 / std::max(1, static_cast<int>(wide) - 1))]));
    at.rx() += wide + style.px(6);
    write(high);
    return at.x() + style.px(8);
}

/// The last line: what heights and colors mean.
void drawLegend(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    const QFontMetricsF metrics(style.tick);
    const double top = scene.size.height() - metrics.height() - 2;
    double left = scene.area.left();
    painter->setFont(style.tick);
    const auto swatch = [&](const QColor& color, const QString& word) {
        painter->fillRect(QRectF(left, top + metrics.height() / 2 - style.px(4), style.px(8), style.px(8)), color);
        painter->setPen(style.theme.muted);
        painter->drawText(QRectF(left + style.px(12), top, scene.area.right() - left, metrics.height()),
                          Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, word);
        left += style.px(12) + metrics.horizontalAdvance(word) + style.px(12);
    };
    if (scene.content.against) {
        swatch(QColor::fromRgb(style.theme.differenceThis), QStringLiteral("this is larger"));
        swatch(QColor::fromRgb(style.theme.differenceReference), QStringLiteral("the other is"));
        return;
    }
    if (scene.content.picture->lostBy())
        swatch(QColor::fromRgb(style.theme.lost[style.theme.dark ? 84 : 78]), QStringLiteral("lost"));
    QStringList words{QStringLiteral("magnitude: ") + scene.content.magnitudes.words(), scene.content.magnitudes.words()};
    if (const auto& power = scene.content.picture->scalogram) {
        left = drawPowerKey(painter, scene, style, QPointF(left, top));
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
    painter->setPen(style.theme.muted);
    const QRectF line(left, top, scene.area.right() - left, metrics.height());
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      metrics.elidedText(fitting(words, style.tick, line.width()), Qt::ElideRight, line.width()));
}

} // namespace

void drawWaveletAxes(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style)
{
    painter->setFont(style.tick);
    painter->setAntialiasing(false);
    drawTokenAxis(painter, scene, style);
    drawDistances(painter, scene, style);
    if (scene.content.picture->scalogram) {
        drawPeriods(painter, scene, style);
        drawSpectrum(painter, scene, style);
    } else {
        drawRowNames(painter, scene, style);
        drawEnergies(painter, scene, style);
    }
    drawLegend(painter, scene, style);
    if (!scene.content.title.isEmpty()) {
        painter->setFont(style.label);
        painter->setPen(style.theme.ink);
        const QFontMetricsF metrics(style.label);
        const QRectF line(scene.area.left(), 1, scene.size.width() - scene.area.left() - 8, metrics.height());
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(scene.content.title, Qt::ElideMiddle, line.width()));
    }
}

} // namespace winnow::views
