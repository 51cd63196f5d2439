// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/attention_key.h"

#include <QCoreApplication>

namespace winnow::views {

namespace {

QString word(const char* text) { return QCoreApplication::translate("AttentionTab", text); }

} // namespace

void drawAttentionKey(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, bool compared,
                      std::optional<double> largest)
{
    const QFontMetricsF metrics(style.tick);
    const double top = rect->top() + metrics.height() + 4, height = std::max(20.0, rect->height() - metrics.height() - 4);
    const double left = rect->right() + style.px(12), bar = style.px(14), pitch = style.px(32);
    painter->setFont(style.tick);
    for (int which = 0; which < (compared ? 2 : 1); ++which) {
        QImage ramp(1, 127, QImage::Format_RGB32);
        for (int i = 0; i < 127; ++i)
            ramp.setPixel(0, 126 - i, (which == 0 ? style.theme.choice : style.theme.lost)[static_cast<std::size_t>(i)]);
        drawCells(painter, QRectF(left + which * pitch, top, bar, height), ramp, style.paper);
        painter->setPen(style.paper ? style.theme.ink : style.theme.muted);
        painter->drawText(QPointF(left + which * pitch, rect->top() + metrics.ascent()), !compared    ? word("attention")
                                                                                         : which == 0 ? word("kept")
                                                                                                      : word("lost"));
    }
    const double textLeft = left + (compared ? pitch : 0) + bar + style.px(4);
    const QStringList texts =
        !largest ? QStringList{QStringLiteral("10⁻⁴"), QStringLiteral("0.01"), QStringLiteral("1")}
                 : QStringList{QStringLiteral("0"), QString::number(*largest / 2, 'g', 2), QString::number(*largest, 'g', 2)};
    for (int i = 0; i < 3; ++i)
        painter->drawText(QPointF(textLeft, top + height - (height - metrics.capHeight()) * i / 2), texts[i]);
}

} // namespace winnow::views
