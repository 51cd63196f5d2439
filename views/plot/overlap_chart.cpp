// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/charts.h"

#include "views/style/dock_style.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

/// "9 TreeKV 128, run" as "9 TreeKV, run".
QString withoutBudget(const QString& name)
{
    const qsizetype comma = name.lastIndexOf(QLatin1Char(',')), end = comma < 0 ? name.size() : comma;
    return name.left(end).section(QLatin1Char(' '), 0, -2) + name.mid(end);
}

} // namespace

OverlapChart::OverlapChart(QCPAxisRect* rect) : m_rect(rect)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [this](QCPPainter* painter) { draw(painter); });
}

void OverlapChart::clear() { m_rows = 0; }

void OverlapChart::show(const Comparison& comparison, const std::vector<QString>& names, int focus, int reference,
                        const PlotStyle& style, const QString& over)
{
    m_values = comparison.jaccard;
    m_rows = static_cast<int>(comparison.rows.size());
    m_focus = focus;
    m_reference = reference;
    m_style = style;
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    auto across = QSharedPointer<QCPAxisTickerText>::create(), down = QSharedPointer<QCPAxisTickerText>::create();
    const double room = m_rect->left() - m_rect->outerRect().left() - style.px(8);
    // Cells may be lower than a name, or narrower than a number: then every second or third has its own.
    const QFontMetricsF metrics(style.tick);
    const auto every = [&](double length, double needs) {
        return std::max(1, static_cast<int>(std::ceil(needs * m_rows / std::max(1.0, length))));
    };
    const int everyRow = every(m_rect->height(), metrics.height()),
              everyColumn = every(m_rect->width(), metrics.horizontalAdvance(QString::number(m_rows)) + style.px(4));
    for (int i = 0; i < m_rows; ++i) {
        const QString& name = names[static_cast<std::size_t>(i)];
        const QString number = name.section(QLatin1Char(' '), 0, 0);
        if (i % everyColumn == 0)
            across->addTick(i + 0.5, number);
        if (i % everyRow == 0)
            down->addTick(i + 0.5, fitting({name, withoutBudget(name), number}, style.tick, room));
    }
    for (QCPAxis* axis : {x, y}) {
        axis->setTickLength(0);
        axis->setRange(0, std::max(1, m_rows));
    }
    x->setTicker(across);
    y->setTicker(down);
    y->setRangeReversed(true);
    const QString after = over.isEmpty() ? QString() : QStringLiteral(", ") + over;
    QStringList labels;
    for (const auto* words : {"Overlap of what two policies store (Jaccard)", "Overlap (Jaccard)", "Jaccard"})
        labels << QLatin1String(words) + after;
    labels << (over.isEmpty() ? QStringLiteral("Jaccard") : over);
    x->setLabel(fitting(labels, style.label, m_rect->width() + style.px(24)));
}

std::optional<std::pair<int, int>> OverlapChart::cellAt(QPointF at) const
{
    const int row = static_cast<int>(std::floor(at.y())), column = static_cast<int>(std::floor(at.x()));
    if (row < 0 || column < 0 || row >= m_rows || column >= m_rows)
        return {};
    return std::pair{row, column};
}

void OverlapChart::draw(QCPPainter* painter) const
{
    if (m_rows == 0)
        return;
    const double width = double(m_rect->width()) / m_rows, height = double(m_rect->height()) / m_rows;
    const QFontMetricsF metrics(m_style.tick);
    const auto words = [&](double value) {
        const QString text = QString::number(value, 'f', 2),
                      brief = text == QStringLiteral("1.00") ? QStringLiteral("1") : text.mid(1);
        return metrics.capHeight() + m_style.px(4) <= height
                   ? fitting({text, brief, QString()}, m_style.tick, width - m_style.px(3))
                   : QString();
    };
    painter->setFont(m_style.tick);
    for (int row = 0; row < m_rows; ++row)
        for (int column = 0; column < m_rows; ++column) {
            const double value = m_values[static_cast<std::size_t>(row) * m_rows + column];
            const QRectF cell(m_rect->left() + column * width, m_rect->top() + row * height, width - m_style.px(1),
                              height - m_style.px(1));
            // no darker than the ink on it can bear
            painter->fillRect(
                cell,
                QColor::fromRgb(m_style.theme.rule[static_cast<std::size_t>(std::lround(80 * std::clamp(value, 0.0, 1.0)))]));
            const QString text = words(value);
            painter->setPen(m_style.theme.ink);
            painter->drawText(
                QPointF(cell.center().x() - metrics.horizontalAdvance(text) / 2, cell.center().y() + metrics.capHeight() / 2),
                text);
            const bool pair = row == m_focus && column == m_reference;
            if (pair || (row == m_focus && row == column)) {
                painter->setBrush(Qt::NoBrush);
                painter->setPen(QPen(pair ? referenceAccentOf(m_style.theme) : accentOf(m_style.theme), m_style.px(2)));
                painter->drawRect(cell.adjusted(m_style.px(1), m_style.px(1), -m_style.px(1), -m_style.px(1)));
            }
        }
}

} // namespace winnow::views
