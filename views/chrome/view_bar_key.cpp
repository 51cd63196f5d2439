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

void ColorKey::setComparison(const QString& reference)
{
    m_reference = reference;
    updateTip();
    updateGeometry();
    update();
}

void ColorKey::setDistances(bool on)
{
    m_distances = on;
    updateTip();
    updateGeometry();
    update();
}

void ColorKey::setOver(const QString& sentence)
{
    m_over = sentence;
    updateTip();
}

void ColorKey::setLoop(const QString& name)
{
    m_loop = name;
    updateGeometry();
    update();
}

void ColorKey::updateTip()
{
    QString tip = tr(
        "Not read yet; evicted in every chosen lane; kept by rule (sinks, recent tokens); kept by choice; dotted where nothing "
        "had to go yet. Ramps show the share of the chosen lanes that store the token.");
    if (!m_reference.isEmpty())
        tip = tr("Every policy against %1. Blue: only the policy stores the token. Orange: only %1. Gray: both. Dark: neither. "
                 "Colors are mixed by the shares of the chosen lanes.")
                  .arg(m_reference);
    if (m_distances)
        tip += tr(" Cells are means over their tokens and steps.") +
               (m_reference.isEmpty() ? tr(" The scale is a logarithm from 1/64 to 1.") : QString());
    else if (m_reduction > 1)
        tip += m_reference.isEmpty() ? tr(" A pixel shows the largest share among the %1 tokens it covers.").arg(m_reduction)
                                     : tr(" A pixel shows the most contested of the %1 tokens it covers.").arg(m_reduction);
    tip += tr(" Open loop: the policies ran over a recording of the full cache.");
    if (!m_over.isEmpty())
        tip += QLatin1Char(' ') + m_over;
    setToolTip(tip);
    setAccessibleDescription(tip);
}

std::vector<ColorKey::Item> ColorKey::items() const
{
    const QFontMetricsF metrics(uiFont(12));
    std::vector<Item> items{{tr("not read"), Item::NotRead}};
    if (m_reference.isEmpty())
        items.insert(items.end(), {{tr("evicted"), Item::Evicted}, {tr("by rule"), Item::Rule}, {tr("by choice"), Item::Choice}});
    else
        items.insert(items.end(), {{tr("neither"), Item::Evicted},
                                   {tr("both"), Item::Swatch, m_theme.differenceBoth},
                                   {tr("only here"), Item::Swatch, m_theme.differenceThis},
                                   {tr("only %1").arg(m_reference), Item::Swatch, m_theme.differenceReference}});
    if (m_distances)
        items.push_back({m_reference.isEmpty() ? tr("mean, log from 1/64") : tr("mean"), Item::Word});
    else if (m_reduction > 1)
        items.push_back(
            {m_reference.isEmpty() ? tr("max of %1 tokens").arg(m_reduction) : tr("most contested of %1 tokens").arg(m_reduction),
             Item::Word});
    items.push_back({m_loop, Item::Word});
    for (Item& item : items) {
        const double swatch =
            item.kind == Item::Word ? 0 : (item.kind == Item::Rule || item.kind == Item::Choice ? kRamp : kSwatch) + 5;
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
    while (shown.back().kind == Item::Word && width() > this->width())
        shown.pop_back();          // the loop stands in the context bar, the reduction in the tool tip
    if (width() > this->width()) { // narrow: the tool tip has the words
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
        if (item.kind == Item::NotRead || item.kind == Item::Evicted || item.kind == Item::Swatch) {
            const QRectF box(x + 0.5, middle - 5.5, kSwatch - 1, 11);
            painter.fillRect(box, item.kind == Item::NotRead
                                      ? m_theme.page
                                      : QColor::fromRgb(item.kind == Item::Swatch ? item.color : m_theme.none));
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
