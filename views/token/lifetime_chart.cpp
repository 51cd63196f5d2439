// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/token/lifetime_chart.h"

#include "views/plot/number_words.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

LifetimeChart::LifetimeChart(QCPAxisRect* rect) : m_rect(rect)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [this](QCPPainter* painter) { draw(painter); });
}

void LifetimeChart::clear() { m_histogram = {}; }

void LifetimeChart::show(const LifetimeHistogram& histogram, const PlotStyle& style)
{
    m_histogram = histogram;
    m_style = style;
    double most = 0;
    const double all = std::max<double>(1, double(histogram.count()));
    for (std::size_t bin = 0; bin < histogram.left.size(); ++bin)
        most = std::max(most, double(histogram.left[bin] + histogram.stayed[bin]) / all);
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<TokenTicker>::create());
    const double end = std::max<double>(1, double(histogram.left.size()) * histogram.width);
    x->setRange(0, end);
    setTickCount(x, m_rect->width(), grouped(qRound64(end)), style);
    x->setLabel(fitting({QStringLiteral("Lifetime (steps), bins of %1").arg(histogram.width), QStringLiteral("Lifetime (steps)")},
                        style.label, m_rect->width()));
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    y->setNumberFormat(QStringLiteral("g"));
    y->setRange(0, most > 0 ? 1.12 * most : 1);
    setTickCount(y, m_rect->height(), {}, style, 4);
    y->setLabel(QStringLiteral("Tokens (share)"));
}

QString LifetimeChart::words(double lifetime) const
{
    const auto bin = static_cast<std::size_t>(std::max(0.0, lifetime) / m_histogram.width);
    if (lifetime < 0 || bin >= m_histogram.left.size())
        return {};
    const double all = std::max<double>(1, double(m_histogram.count()));
    const auto begin = static_cast<int>(bin) * m_histogram.width;
    return QCoreApplication::translate("LifetimeChart", "lifetimes %1–%2\n%3 left, %4 still stored")
        .arg(grouped(begin), grouped(begin + m_histogram.width - 1), percentWords(double(m_histogram.left[bin]) / all),
             percentWords(double(m_histogram.stayed[bin]) / all));
}

void LifetimeChart::draw(QCPPainter* painter) const
{
    if (m_histogram.left.empty())
        return;
    const QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    const double all = std::max<double>(1, double(m_histogram.count()));
    const Theme& theme = m_style.theme;
    painter->setAntialiasing(false);
    for (std::size_t bin = 0; bin < m_histogram.left.size(); ++bin) {
        const double from = x->coordToPixel(double(bin) * m_histogram.width) + 0.5,
                     to = x->coordToPixel(double(bin + 1) * m_histogram.width) - 0.5;
        const auto bar = [&](double low, double high, QRgb color) {
            painter->fillRect(QRectF(QPointF(from, y->coordToPixel(high)), QPointF(to, y->coordToPixel(low))),
                              QColor::fromRgb(color));
        };
        const double left = double(m_histogram.left[bin]) / all, stayed = double(m_histogram.stayed[bin]) / all;
        bar(0, left, theme.rule[80]);
        bar(left, left + stayed, theme.choice[90]);
    }
    painter->setPen(QPen(QColor::fromRgb(theme.lost[110]), m_style.px(2)));
    for (const int lifetime : m_histogram.marked) {
        const double at = x->coordToPixel(lifetime + 0.5);
        painter->drawLine(QLineF(at, m_rect->top(), at, m_rect->top() + m_style.px(10)));
    }
    const QFontMetricsF metrics(m_style.tick);
    painter->setFont(m_style.tick);
    double baseline = m_rect->top() + m_style.px(10) + metrics.ascent();
    const auto line = [&](const QString& text, const QColor& color) {
        painter->setPen(color);
        painter->drawText(QPointF(m_rect->right() - metrics.horizontalAdvance(text) - m_style.px(6), baseline), text);
        baseline += metrics.height();
    };
    line(QCoreApplication::translate("LifetimeChart", "gray: left"), theme.muted);
    line(QCoreApplication::translate("LifetimeChart", "blue: still stored, for so long"), QColor::fromRgb(theme.choice[100]));
    if (!m_histogram.marked.empty())
        line(QCoreApplication::translate("LifetimeChart", "orange: this token, a tick per lane"),
             QColor::fromRgb(theme.lost[115]));
}

} // namespace winnow::views
