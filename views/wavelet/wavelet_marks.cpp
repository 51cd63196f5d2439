// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_marks.h"

#include "views/plot/number_words.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"
#include "views/wavelet/wavelet_axes.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

/// Ticks under the tokens that carry what is marked: below its row, or along the lower edge of a scalogram.
void drawCarriers(QCPPainter* painter, const WaveletScene& scene, const WaveletBrush& brush, const PlotStyle& style)
{
    const std::vector<int>& tokens = brush.carriers();
    if (tokens.empty())
        return;
    const StackGeometry geometry = scene.stack();
    const double bottom = scene.rows.empty() ? scene.area.bottom() : geometry.rowTop(*brush.row() + 1);
    double drawn = -1;
    for (const int token : tokens) {
        const double left = std::floor(geometry.x(token)), right = std::max(left + 1, std::floor(geometry.x(token + 1)));
        if (left == drawn || right < scene.area.left() || left > scene.area.right())
            continue;
        painter->fillRect(QRectF(QPointF(left, bottom - 4), QPointF(right, bottom - 1)) & scene.area, style.theme.ink);
        drawn = left;
    }
}

void drawMarkedRow(QCPPainter* painter, const WaveletScene& scene, const WaveletBrush& brush, const PlotStyle& style)
{
    if (!brush.row())
        return;
    const StackGeometry geometry = scene.stack();
    const QRectF row(scene.area.left(), geometry.rowTop(*brush.row()), scene.area.width(), geometry.rowHeight());
    painter->fillRect(QRectF(row.left() - 3, row.top() + 1, 3, row.height() - 2), accentOf(style.theme));
    QColor wash = accentOf(style.theme);
    wash.setAlphaF(0.08F);
    painter->fillRect(row, wash);
}

/// The brushed periods, dashed where they were found and not brushed; beside them the mean power of the brushed tokens.
void drawRegion(QCPPainter* painter, const WaveletScene& scene, const WaveletBrush& brush, const std::optional<Range>& range,
                const PlotStyle& style)
{
    if (!range || scene.content.against)
        return;
    const ScalogramGeometry geometry = scene.scalogram();
    const TokenScalogram& power = *scene.content.picture->scalogram;
    if (const Periods marked = brush.markedPeriods()) {
        const StackGeometry across = geometry.across();
        const QRectF box = QRectF(QPointF(across.x(range->begin), geometry.y(marked->first)),
                                  QPointF(across.x(range->end), geometry.y(marked->second)))
                               .adjusted(0, brush.periods() ? 0 : -2, 0, brush.periods() ? 0 : 2) &
                           scene.area.adjusted(0, 0, -1, -1);
        QPen pen(style.theme.ink, 1.5);
        if (!brush.periods())
            pen.setDashPattern({4, 3});
        painter->setPen(pen);
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(box);
    }
    const double most =
        *std::max_element(power.global.begin(), power.global.end(), [](double a, double b) { return std::isnan(a) || a < b; });
    if (!scene.energies || brush.powerInRange().empty() || !(most > 0))
        return;
    const double left = scene.area.right() + style.px(8), wide = scene.size.width() - left - style.px(8);
    QPolygonF line;
    for (std::size_t s = 0; s < brush.powerInRange().size(); ++s)
        line << QPointF(left + wide * std::min(1.0, std::sqrt(brush.powerInRange()[s] / most)), geometry.y(power.period[s]));
    painter->setAntialiasing(true);
    painter->setPen(QPen(style.theme.ink, 1));
    painter->drawPolyline(line);
    painter->setAntialiasing(false);
}

/// A bar per row: the row's part of the power of the brushed tokens.
void drawSharesOfRange(QCPPainter* painter, const WaveletScene& scene, const std::optional<Range>& range, const PlotStyle& style)
{
    if (!range || !scene.energies || scene.content.against)
        return;
    const StackGeometry geometry = scene.stack();
    painter->setFont(style.tick);
    const QFontMetricsF metrics(style.tick);
    const double left = scene.area.right() + style.px(8);
    if (!scene.rows.empty()) {
        if (geometry.rowHeight() < 1.5 * metrics.height())
            return;
        const std::vector<double> shares = energyInRange(*scene.content.picture, scene.rows, range->begin, range->end);
        double most = 0;
        for (const BandRow& row : scene.rows)
            most = std::max(most, row.energy.value_or(0));
        for (std::size_t row = 0; row < shares.size(); ++row) {
            if (std::isnan(shares[row]))
                continue;
            const bool two = geometry.rowHeight() >= 2.4 * metrics.height();
            const double top = (geometry.rowTop(int(row)) + geometry.rowTop(int(row) + 1)) / 2 +
                               (two ? metrics.height() / 2 - style.px(1.5) : style.px(6));
            const double wide = std::min<double>(style.px(kEnergyBar), style.px(kEnergyBar) * shares[row] / most);
            painter->fillRect(QRectF(left, top, std::max(1.0, wide), style.px(3)), style.theme.ink);
            if (two) {
                painter->setPen(style.theme.muted);
                painter->drawText(QRectF(left + std::max(1.0, wide) + style.px(4), top + style.px(1.5) - metrics.height() / 2,
                                         scene.size.width() - left, metrics.height()),
                                  Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, percentWords(shares[row]));
            }
        }
    }
    const double top = scene.size.height() - metrics.height() - 2; // beside the legend
    painter->setPen(style.theme.muted);
    painter->fillRect(QRectF(left, top + metrics.height() / 2 - 1, style.px(8), style.px(scene.rows.empty() ? 1 : 3)),
                      style.theme.ink);
    painter->drawText(QRectF(left + style.px(12), top, scene.size.width() - left - style.px(12), metrics.height()),
                      Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, QStringLiteral("in range"));
}

} // namespace

void drawWaveletMarks(QCPPainter* painter, const WaveletScene& scene, const WaveletBrush& brush,
                      const std::optional<Range>& range, const PlotStyle& style)
{
    if (scene.content.picture->scalogram)
        drawRegion(painter, scene, brush, range, style);
    else if (scene.rows.empty())
        return;
    drawMarkedRow(painter, scene, brush, style);
    drawCarriers(painter, scene, brush, style);
    drawSharesOfRange(painter, scene, range, style);
}

QString carrierWords(const WaveletScene& scene, const WaveletBrush& brush, const std::optional<Range>& range)
{
    if (!range || brush.carriers().empty())
        return {};
    QString what;
    if (scene.rows.empty()) {
        const Periods marked = brush.markedPeriods();
        what = QObject::tr("the power at %1 to %2 tokens per cycle").arg(periodWords(marked->first), periodWords(marked->second));
    } else {
        const BandRow& row = scene.rows[static_cast<std::size_t>(*brush.row())];
        what = row.scale.isEmpty()                  ? QObject::tr("the signal")
               : row.name == QStringLiteral("rest") ? QObject::tr("the rest")
                                                    : QObject::tr("level %1").arg(row.name);
    }
    return QObject::tr("%1 of %2 tokens carry half of %3")
        .arg(grouped(static_cast<qint64>(brush.carriers().size())), grouped(range->size()), what);
}

QString brushSentence(const WaveletScene& scene, const WaveletBrush& brush, const SelectionState& state)
{
    QStringList parts;
    if (!scene.content.title.isEmpty())
        parts << scene.content.title;
    if (brush.row()) {
        const BandRow& row = scene.rows[static_cast<std::size_t>(*brush.row())];
        QString words = row.scale.isEmpty() ? row.name : QObject::tr("level %1, %2 tokens per cycle").arg(row.name, row.scale);
        if (row.energy)
            words += QObject::tr(", %1 % of the energy").arg(100 * *row.energy, 0, 'f', 1);
        parts << words;
    }
    if (state.token)
        parts << QObject::tr("token %1 %2").arg(grouped(*state.token), tokenLabel(scene.data, *state.token));
    if (state.tokenRange && brush.row()) {
        const std::vector<double> shares =
            energyInRange(*scene.content.picture, scene.rows, state.tokenRange->begin, state.tokenRange->end);
        if (!shares.empty() && !std::isnan(shares[static_cast<std::size_t>(*brush.row())]))
            parts << QObject::tr("%1 % of the energy of tokens %2 to %3")
                         .arg(100 * shares[static_cast<std::size_t>(*brush.row())], 0, 'f', 1)
                         .arg(grouped(state.tokenRange->begin), grouped(state.tokenRange->end - 1));
    }
    if (scene.content.picture->scalogram && state.tokenRange)
        if (const Periods marked = brush.markedPeriods())
            parts << QObject::tr("%1 to %2 tokens per cycle, tokens %3 to %4")
                         .arg(periodWords(marked->first), periodWords(marked->second))
                         .arg(grouped(state.tokenRange->begin), grouped(state.tokenRange->end - 1));
    return parts.join(QStringLiteral(". "));
}

} // namespace winnow::views
