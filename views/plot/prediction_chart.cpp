// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/prediction_chart.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kReach = 12; ///< px between pointer and point
constexpr int kRowsAway = 12; ///< that a label may stand from its point

/// With air around it, so that points and their labels stand inside.
QCPRange around(double least, double most)
{
    const double air = std::max((most - least) * 0.14, 1e-3 * std::max(1.0, std::abs(most)));
    return {least - air, most + air};
}

} // namespace

PredictionChart::PredictionChart(QCPAxisRect* rect) : m_rect(rect)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [this](QCPPainter* painter) { draw(painter); });
}

void PredictionChart::clear()
{
    m_prediction.points.clear();
    m_sentence.clear();
    for (const auto side : {QCPAxis::atLeft, QCPAxis::atBottom})
        m_rect->axis(side)->setVisible(true);
}

void PredictionChart::showNothing(const QString& sentence, const PlotStyle& style)
{
    m_prediction.points.clear();
    m_sentence = sentence;
    m_style = style;
    for (const auto side : {QCPAxis::atLeft, QCPAxis::atBottom})
        m_rect->axis(side)->setVisible(false);
}

void PredictionChart::show(const Prediction& prediction, int focus, const PlotStyle& style)
{
    clear();
    m_prediction = prediction;
    m_focus = focus;
    m_style = style;
    if (prediction.points.empty())
        return;
    const auto [left, right] = std::ranges::minmax(prediction.points, {}, &Prediction::Point::predicted);
    const auto [low, high] = std::ranges::minmax(prediction.points, {}, &Prediction::Point::cost);
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<QCPAxisTicker>::create());
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    x->setRange(around(left.predicted, right.predicted));
    const double full = prediction.full.value_or(low.cost);
    y->setRange(around(std::min(low.cost, full), std::max(high.cost, full)));
    const auto label = [&](const Metric& metric, const QString& of) {
        const QString axis = QString::fromUtf8(metric.axis), title = axis.section(QStringLiteral(" ("), 0, 0),
                      unit = axis.mid(title.size());
        return QStringList{title + of + unit, axis, title};
    };
    x->setLabel(
        fitting(label(*prediction.metric, QStringLiteral(" in the replay")), style.label, m_rect->width() + style.px(24)));
    y->setLabel(fitting(label(*prediction.cost, QStringLiteral(" of the run")), style.label, m_rect->height() + style.px(16)));
    setTickCount(x, m_rect->width(), QStringLiteral("0.000"), style);
    setTickCount(y, m_rect->height(), {}, style, 4);
    x->setNumberFormat(QStringLiteral("g"));
    y->setNumberFormat(QStringLiteral("g"));
}

QPointF PredictionChart::pixelOf(double predicted, double cost) const
{
    return {m_rect->axis(QCPAxis::atBottom)->coordToPixel(predicted), m_rect->axis(QCPAxis::atLeft)->coordToPixel(cost)};
}

std::optional<std::size_t> PredictionChart::pointAt(QPointF at) const
{
    const QPointF pointer = pixelOf(at.x(), at.y());
    std::optional<std::size_t> nearest;
    double least = m_style.px(kReach);
    for (std::size_t i = 0; i < m_prediction.points.size(); ++i) {
        const double away = QLineF(pointer, pixelOf(m_prediction.points[i].predicted, m_prediction.points[i].cost)).length();
        if (away <= least) {
            least = away;
            nearest = i;
        }
    }
    return nearest;
}

/// Where a label of this size stands: right, left, above or below of its point, the nearest place inside the frame that covers
/// nothing; the right one, moved into the frame, where all are taken.
QRectF PredictionChart::freePlace(const QRectF& point, const QSizeF& size, const std::vector<QRectF>& marks) const
{
    const double gap = m_style.px(3), row = size.height() + gap;
    const QRectF frame = QRectF(m_rect->rect()).adjusted(gap, gap, -gap, -gap);
    const QPointF middle(point.center().x() - size.width() / 2, point.center().y() - size.height() / 2);
    const double right = point.right() + gap, left = point.left() - gap - size.width();
    const auto isFree = [&](const QRectF& place) {
        const QRectF whole = place.adjusted(0, -gap / 2, 0, QFontMetricsF(m_style.tick).descent()); // with what hangs below
        return frame.contains(place) && std::ranges::none_of(marks, [&](const QRectF& mark) { return mark.intersects(whole); });
    };
    for (int away = 0; away < kRowsAway; ++away)
        for (const double shift : {away * row, -away * row})
            for (const QPointF& corner : {QPointF(right, middle.y() + shift), QPointF(left, middle.y() + shift),
                                          shift > 0 ? QPointF(middle.x(), point.bottom() + gap + shift - row)
                                                    : QPointF(middle.x(), point.top() - gap - size.height() + shift)})
                if (const QRectF place(corner, size); isFree(place))
                    return place;
    QRectF place({right, middle.y()}, size);
    place.moveRight(std::min(place.right(), frame.right()));
    return place;
}

/// From a point to its label, where the two stand apart.
void PredictionChart::drawLeader(QCPPainter* painter, const QRectF& point, const QRectF& label) const
{
    const QPointF at = point.center();
    const QPointF end(std::clamp(at.x(), label.left(), label.right()), std::clamp(at.y(), label.top(), label.bottom()));
    const QLineF line(at, end);
    const double radius = point.width() / 2;
    if (line.length() <= radius + m_style.px(5))
        return;
    painter->setPen(QPen(m_style.theme.muted, m_style.axis));
    painter->drawLine(QLineF(line.pointAt(radius / line.length()), line.pointAt(1 - m_style.px(1) / line.length())));
}

void PredictionChart::draw(QCPPainter* painter) const
{
    if (!m_sentence.isEmpty()) {
        painter->setFont(m_style.label);
        painter->setPen(m_style.theme.muted);
        painter->drawText(m_rect->rect(), Qt::AlignCenter | Qt::TextWordWrap, m_sentence);
    }
    if (m_prediction.points.empty())
        return;
    const QFontMetricsF metrics(m_style.tick);
    painter->setFont(m_style.tick);
    std::vector<QRectF> marks; // points, the full cache's line and words, then labels
    std::vector<QRectF> fullCache;
    if (m_prediction.full) {
        const double y = pixelOf(0, *m_prediction.full).y();
        painter->setPen(QPen(m_style.theme.muted, m_style.axis, Qt::DashLine));
        painter->drawLine(QLineF(m_rect->left(), y, m_rect->right(), y));
        painter->setPen(m_style.theme.muted);
        const QString words = QStringLiteral("full cache");
        const QPointF start(m_rect->left() + m_style.px(6), y - m_style.px(3));
        painter->drawText(start, words);
        fullCache = {QRectF(start.x(), start.y() - metrics.ascent(), metrics.horizontalAdvance(words), metrics.height()),
                     QRectF(m_rect->left(), y - m_style.px(1), m_rect->width(), m_style.px(2))};
    }
    for (const Prediction::Point& point : m_prediction.points) {
        const bool focused = point.run == m_focus || point.replay == m_focus;
        const QPointF at = pixelOf(point.predicted, point.cost);
        const PolicyInk ink = m_style.theme.inkOf(point.run);
        const QColor color = m_style.theme.colorOf(ink);
        const bool second = ink.color >= static_cast<int>(m_style.theme.policies.size());
        const double radius = m_style.px(focused ? 6 : 4);
        painter->setPen(QPen(color, m_style.line));
        painter->setBrush(second ? m_style.ground() : color);
        painter->drawEllipse(at, radius, radius);
        painter->setBrush(Qt::NoBrush);
        marks.push_back(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius));
    }
    marks.insert(marks.end(), fullCache.begin(), fullCache.end());
    for (std::size_t i = 0; i < m_prediction.points.size(); ++i) {
        const Prediction::Point& point = m_prediction.points[i];
        const QString name = m_style.paper ? QString::fromStdString(point.label) : QString::number(point.run + 1);
        const QSizeF size(metrics.horizontalAdvance(name), metrics.capHeight());
        const QRectF place = freePlace(marks[i], size, marks);
        drawLeader(painter, marks[i], place);
        painter->setPen(m_style.theme.ink);
        painter->drawText(place.bottomLeft(), name);
        marks.push_back(place);
    }
}

} // namespace winnow::views
