// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/view_bar_key.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kGap = 14, kSwatch = 14, kRamp = 40;
}

ColorKey::ColorKey(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    setAccessibleName(tr("Color key"));
    updateTip();
}

void ColorKey::setTheme(const Theme& theme)
{
    m_theme = theme;
    updateGeometry();
    update();
}

void ColorKey::setColorScale(const ColorScale& scale)
{
    m_scale = scale;
    update();
}

void ColorKey::setReduction(int tokensPerPixel)
{
    m_reduction = tokensPerPixel;
    updateTip();
    updateGeometry();
    update();
}

void ColorKey::updateTip()
{
    QString tip =
        tr("Not read yet; evicted in every chosen lane; kept by rule (sinks, recent tokens, or nothing had to go yet); kept by "
           "choice. Ramps show the share of the chosen lanes that store the token.");
    if (m_reduction > 1)
        tip += tr(" A pixel shows the largest share among the %1 tokens it covers.").arg(m_reduction);
    tip += tr(" Open loop: the policies ran over a recording of the full cache.");
    setToolTip(tip);
    setAccessibleDescription(tip);
}

std::vector<ColorKey::Item> ColorKey::items() const
{
    const QFontMetricsF metrics(uiFont(12));
    std::vector<Item> items{{tr("not read"), Item::NotRead},
                            {tr("evicted"), Item::Evicted},
                            {tr("by rule"), Item::Rule},
                            {tr("by choice"), Item::Choice}};
    if (m_reduction > 1)
        items.push_back({tr("max of %1 tokens").arg(m_reduction), Item::Word});
    items.push_back({tr("open loop"), Item::Word});
    for (Item& item : items) {
        const double swatch =
            item.kind == Item::Word ? 0 : (item.kind == Item::NotRead || item.kind == Item::Evicted ? kSwatch : kRamp) + 5;
        item.width = swatch + metrics.horizontalAdvance(item.word);
    }
    return items;
}

QSize ColorKey::sizeHint() const
{
    double width = 0;
    for (const Item& item : items())
        width += item.width + kGap;
    return {static_cast<int>(std::ceil(width)), 24};
}

void ColorKey::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(uiFont(12));
    std::vector<Item> shown = items();
    const auto width = [&] {
        double sum = -kGap;
        for (const Item& item : shown)
            sum += item.width + kGap;
        return sum;
    };
    double gap = kGap;
    if (width() > this->width()) { // narrow: the words of the swatches go first to the tool tip, reduction and loop stay
        for (Item& item : shown)
            if (item.kind != Item::Word) {
                item.width -= QFontMetricsF(painter.font()).horizontalAdvance(item.word) + 5;
                item.word.clear();
            }
        gap = 8;
    }
    while (shown.size() > 4 && width() > this->width())
        shown.pop_back();
    double x = std::max(0.0, this->width() - width());
    const double middle = height() / 2.0;
    for (const Item& item : shown) {
        double text = x;
        if (item.kind == Item::NotRead || item.kind == Item::Evicted) {
            const QRectF box(x + 0.5, middle - 5.5, kSwatch - 1, 11);
            painter.fillRect(box, item.kind == Item::NotRead ? m_theme.page : QColor::fromRgb(m_theme.none));
            painter.setPen(m_theme.line);
            painter.drawRect(box);
            text += kSwatch + 5;
        } else if (item.kind != Item::Word) {
            const auto& ramp = item.kind == Item::Rule ? m_theme.rule : m_theme.choice;
            for (int i = 0; i < static_cast<int>(kRamp); ++i) {
                const auto share = static_cast<std::size_t>(std::lround(126 * (i + 1) / kRamp));
                painter.fillRect(QRectF(x + i, middle - 6, 1, 12), QColor::fromRgb(ramp[m_scale.index[share]]));
            }
            text += kRamp + 5;
        }
        painter.setPen(m_theme.muted);
        painter.drawText(QRectF(text, 0, item.width, height()), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, item.word);
        x += item.width + gap;
    }
}

} // namespace winnow::views
