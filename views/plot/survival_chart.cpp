// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/survival_chart.h"
#include "views/plot/short_number.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kRow = 16;         ///< logical pixels of a survival curve, where there is room
constexpr std::size_t kAsking = 3;  ///< steps that are pointed out
constexpr double kApart = 1.0 / 24; ///< of all steps, between two of them

double survivalAt(const Autopsy::Line& line, int step)
{
    const auto at = static_cast<std::size_t>(step);
    return step >= 0 && at < line.survival.size() ? line.survival[at] : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

QString fateWords(const Autopsy::Line& line)
{
    if (line.goneBy >= 0)
        return QStringLiteral("gone by %1").arg(grouped(line.goneBy));
    if (std::isnan(line.atEnd))
        return QStringLiteral("not read yet");
    const double percent = 100 * line.atEnd;
    return QStringLiteral("%1 % stay").arg(percent, 0, 'f', percent > 0 && percent < 9.95 ? 1 : 0);
}

SurvivalChart::SurvivalChart(QCPAxisRect* attention, QCPAxisRect* rows) : m_attention(attention), m_rows(rows)
{
    QCustomPlot* plot = attention->parentPlot();
    new PlotPainter(plot, QStringLiteral("main"), attention, [this](QCPPainter* painter) { drawAttention(painter); });
    new PlotPainter(plot, QStringLiteral("main"), rows, [this](QCPPainter* painter) { drawRows(painter); });
    new PlotPainter(plot, QStringLiteral("main"), nullptr, [this](QCPPainter* painter) { drawWords(painter); });
}

void SurvivalChart::clear()
{
    m_autopsy.reset();
    m_asking.clear();
}

std::vector<int> SurvivalChart::askingSteps(const Autopsy& autopsy)
{
    std::vector<int> steps;
    const double apart = kApart * double(autopsy.largest.size());
    const int begin = autopsy.tokens.second + static_cast<int>(std::ceil(apart));
    const int first = autopsy.mostAskedAt(begin - 1);
    if (first < 0 || !(autopsy.largest[static_cast<std::size_t>(first)] > 0))
        return steps;
    std::vector<int> order;
    const double least = autopsy.largest[static_cast<std::size_t>(first)] / 2;
    for (auto t = static_cast<std::size_t>(begin); t < autopsy.largest.size(); ++t)
        if (autopsy.largest[t] >= least)
            order.push_back(static_cast<int>(t));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return autopsy.largest[static_cast<std::size_t>(a)] > autopsy.largest[static_cast<std::size_t>(b)];
    });
    for (const int step : order)
        if (steps.size() < kAsking &&
            std::all_of(steps.begin(), steps.end(), [&](int other) { return std::abs(step - other) >= apart; }))
            steps.push_back(step);
    return steps;
}

void SurvivalChart::show(const Autopsy& autopsy, int focus, std::pair<double, double> steps, const PlotStyle& style)
{
    m_autopsy = autopsy;
    m_focus = focus;
    m_style = style;
    m_asking = autopsy.largest.empty() ? std::vector<int>() : askingSteps(autopsy);
    m_most = 0;
    for (const double value : autopsy.largest)
        m_most = std::max(m_most, std::isnan(value) ? 0 : value);
    const std::size_t count = autopsy.lines.empty() ? autopsy.largest.size() : autopsy.lines.front().survival.size();
    if (steps.second <= steps.first)
        steps = {0, std::max(1.0, double(count) - 1)};
    for (QCPAxisRect* rect : {m_attention, m_rows}) {
        QCPAxis* x = rect->axis(QCPAxis::atBottom);
        x->setTicker(QSharedPointer<TokenTicker>::create());
        x->setRange(steps.first, steps.second);
        setTickCount(x, rect->width(), grouped(qRound64(steps.second)), style, 8);
        rect->axis(QCPAxis::atLeft)->setTicks(false);
        rect->axis(QCPAxis::atLeft)->setTickLabels(false);
        for (const auto side : {QCPAxis::atLeft, QCPAxis::atBottom})
            rect->axis(side)->grid()->setVisible(false);
    }
    m_attention->axis(QCPAxis::atBottom)->setTickLabels(false);
    m_attention->axis(QCPAxis::atLeft)->setRange(0, m_most > 0 ? 1.05 * m_most : 1);
    m_rows->axis(QCPAxis::atBottom)->setLabel(style.paper ? QStringLiteral("Step t (tokens)") : QString());
    m_rows->axis(QCPAxis::atLeft)->setRangeReversed(true);
    m_rows->axis(QCPAxis::atLeft)->setRange(0, std::max<double>(1, double(autopsy.lines.size())));
}

int SurvivalChart::rowAt(double value) const
{
    const int row = static_cast<int>(std::floor(value));
    return m_autopsy && row >= 0 && row < static_cast<int>(m_autopsy->lines.size()) ? row : -1;
}

QRectF SurvivalChart::rowOf(std::size_t line) const
{
    const QCPAxis* y = m_rows->axis(QCPAxis::atLeft);
    const double top = y->coordToPixel(double(line)), bottom = y->coordToPixel(double(line) + 1);
    const double height = std::min(m_style.px(kRow) * 1.0, (bottom - top) * 0.8);
    return {double(m_rows->left()), (top + bottom - height) / 2, double(m_rows->width()), height};
}

/// The largest attention of every column of pixels, so that a lone step that asks for it is seen at every zoom.
std::vector<SurvivalChart::Column> SurvivalChart::columns() const
{
    const QCPAxis* x = m_attention->axis(QCPAxis::atBottom);
    std::vector<Column> all(static_cast<std::size_t>(std::max(1, m_attention->width())));
    for (std::size_t t = 0; t < m_autopsy->largest.size(); ++t) {
        if (std::isnan(m_autopsy->largest[t]))
            continue;
        const double at = x->coordToPixel(double(t)) - m_attention->left();
        if (at < 0 || at >= double(all.size()))
            continue;
        Column& column = all[static_cast<std::size_t>(at)];
        column.mean = std::max(column.mean, m_autopsy->mean[t]);
        if (column.step < 0 || m_autopsy->largest[t] > column.largest) {
            column.largest = m_autopsy->largest[t];
            column.step = static_cast<int>(t);
        }
    }
    return all;
}

void SurvivalChart::drawAttention(QCPPainter* painter) const
{
    if (!m_autopsy || m_autopsy->largest.empty())
        return;
    const auto focused = std::find_if(m_autopsy->lines.begin(), m_autopsy->lines.end(),
                                      [&](const Autopsy::Line& line) { return line.policy == m_focus; });
    const QCPAxis *x = m_attention->axis(QCPAxis::atBottom), *y = m_attention->axis(QCPAxis::atLeft);
    const double base = y->coordToPixel(0);
    const double width = std::max(m_style.px(1.5) * 1.0, 0.8 * (x->coordToPixel(1) - x->coordToPixel(0)));
    const Theme& theme = m_style.theme;
    constexpr std::size_t kStrong = 100, kFaint = 60; // of the ramps: the largest head, and the mean of all before it
    painter->setAntialiasing(false);
    for (const Column& column : columns()) {
        if (column.step < 0)
            continue;
        const double middle = x->coordToPixel(column.step);
        const double held = focused == m_autopsy->lines.end() ? 1 : survivalAt(*focused, column.step);
        const double lost = std::isnan(held) ? 0 : 1 - held;
        const auto bar = [&](double value, std::size_t shade) {
            painter->fillRect(QRectF(QPointF(middle - width / 2, y->coordToPixel(value)), QPointF(middle + width / 2, base)),
                              QColor::fromRgb(mixOkLab(theme.choice[shade], theme.lost[shade], lost)));
        };
        bar(column.largest, kStrong);
        bar(column.mean, kFaint);
    }
    painter->setPen(QPen(theme.line, m_style.axis));
    painter->drawLine(QLineF(m_attention->left(), base, m_attention->right(), base));
}

void SurvivalChart::drawRows(QCPPainter* painter) const
{
    if (!m_autopsy)
        return;
    const Theme& theme = m_style.theme;
    const QCPAxis* x = m_rows->axis(QCPAxis::atBottom);
    for (std::size_t i = 0; i < m_autopsy->lines.size(); ++i) {
        const Autopsy::Line& line = m_autopsy->lines[i];
        const QRectF row = rowOf(i);
        painter->setAntialiasing(false);
        painter->fillRect(QRectF(row.left(), row.bottom(), row.width(), m_style.px(2)), theme.line);
        QPolygonF area;
        for (std::size_t t = 0; t < line.survival.size(); ++t) {
            if (std::isnan(line.survival[t]))
                continue;
            const double left = std::clamp(x->coordToPixel(double(t) - 0.5), row.left(), row.right());
            const double right = std::clamp(x->coordToPixel(double(t) + 0.5), row.left(), row.right());
            const double top = row.bottom() - line.survival[t] * row.height();
            if (right <= left)
                continue;
            if (area.isEmpty())
                area << QPointF(left, row.bottom());
            if (area.last().y() != top || area.size() < 2)
                area << QPointF(left, area.last().y()) << QPointF(left, top);
            area << QPointF(right, top);
        }
        if (!area.isEmpty()) {
            area << QPointF(area.last().x(), row.bottom());
            painter->setPen(Qt::NoPen);
            painter->setBrush(QColor::fromRgb(theme.choice[line.policy == m_focus || m_focus < 0 ? 110 : 70]));
            painter->drawPolygon(area);
            painter->setBrush(Qt::NoBrush);
        }
        if (line.goneBy >= 0) {
            const double at = x->coordToPixel(line.goneBy + 0.5);
            painter->setPen(QPen(QColor::fromRgb(theme.lost[110]), m_style.px(2)));
            painter->drawLine(QLineF(at, row.top() - m_style.px(2), at, row.bottom() + m_style.px(2)));
        }
    }
}

void SurvivalChart::drawWords(QCPPainter* painter) const
{
    if (!m_autopsy || !m_rows->visible())
        return;
    const Theme& theme = m_style.theme;
    const QFontMetricsF metrics(m_style.tick);
    const double gap = m_style.px(8), left = m_rows->outerRect().left() + m_style.px(12);
    const double room = m_rows->left() - left - gap;
    QFont face = m_style.tick;
    const auto line = [&](double x, double middle, const QString& text, const QColor& color, bool strong, double width) {
        QFont font = face;
        font.setBold(strong);
        painter->setFont(font);
        painter->setPen(color);
        painter->drawText(QPointF(x, middle + metrics.capHeight() / 2),
                          QFontMetricsF(font).elidedText(text, Qt::ElideRight, width));
    };
    const double middle = m_attention->center().y();
    const bool known = !m_autopsy->largest.empty();
    line(left, middle - metrics.height() / 2,
         fitting({QStringLiteral("attention paid to it"), QStringLiteral("attention")}, m_style.tick, room), theme.ink, false,
         room);
    line(left, middle + metrics.height() / 2,
         fitting(
             {QStringLiteral("full cache: largest head, mean"), QStringLiteral("largest head, mean"), QStringLiteral("largest")},
             m_style.tick, room),
         theme.muted, false, room);
    const double right = m_rows->right() + gap, words = m_rows->outerRect().right() - right;
    if (known) {
        line(right, m_attention->axis(QCPAxis::atLeft)->coordToPixel(m_most), shortNumber(m_most), theme.muted, false, words);
        line(right, m_attention->bottom() - metrics.capHeight() / 2, QStringLiteral("0"), theme.muted, false, words);
    }
    const double pitch = m_rows->height() / std::max<double>(1, double(m_autopsy->lines.size()));
    if (pitch < metrics.height()) // rows that are lower than a line of text
        face.setPixelSize(std::max(8, qRound(0.8 * pitch)));
    for (std::size_t i = 0; i < m_autopsy->lines.size(); ++i) {
        const Autopsy::Line& one = m_autopsy->lines[i];
        const QRectF row = rowOf(i);
        const double size = std::min(m_style.px(10) * 1.0, 0.8 * pitch);
        painter->fillRect(QRectF(left, row.center().y() - size / 2, size, size), theme.policyColor(one.policy));
        const QString name = QStringLiteral("%1 %2").arg(one.policy + 1).arg(QString::fromStdString(one.label));
        const bool focus = one.policy == m_focus;
        const double place = room - size - m_style.px(6);
        QFont bold = face;
        bold.setBold(focus);
        line(left + size + m_style.px(6), row.center().y(), fitting({name, name.section(QLatin1Char(' '), 0, -2)}, bold, place),
             theme.ink, focus, place); // the budget goes before the name
        line(right, row.center().y(), fateWords(one), one.goneBy >= 0 ? QColor::fromRgb(theme.lost[115]) : theme.ink, false,
             words);
    }
    face = m_style.tick;
    if (!m_style.paper) { // beside the ticks, so that the rows have the room of a title
        const QString word = QStringLiteral("step t");
        const double below = m_rows->bottom() + m_style.px(6) + metrics.height() / 2;
        line(m_rows->left() - gap - metrics.horizontalAdvance(word), below, word, theme.muted, false, room);
    }
    painter->setPen(QPen(QColor::fromRgb(theme.lost[110]), m_style.axis, Qt::DotLine));
    const QCPAxis* x = m_rows->axis(QCPAxis::atBottom);
    for (const int step : m_asking)
        if (const double at = x->coordToPixel(step); at >= m_rows->left() && at <= m_rows->right())
            painter->drawLine(QLineF(at, m_attention->top(), at, m_rows->bottom()));
}

} // namespace winnow::views
