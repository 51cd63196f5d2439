// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/view_bar_key.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kGap = 14, kSwatch = 14, kRamp = 40, kShortRamp = 16, kShortGap = 8;
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

void ColorKey::setWindows(bool some)
{
    m_windows = some;
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
    if (m_windows)
        tip +=
            tr(" Hatched: the model's own sliding window dropped the token in every chosen lane, as it does under every policy; "
               "a lane whose window has passed a token does not count in its share.");
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
    std::vector<Item> items{{tr("not read"), tr("unread"), Item::NotRead}};
    if (m_reference.isEmpty())
        items.insert(items.end(), {{tr("evicted"), tr("evicted"), Item::Evicted},
                                   {tr("by rule"), tr("rule"), Item::Rule},
                                   {tr("by choice"), tr("choice"), Item::Choice}});
    else
        items.insert(items.end(), {{tr("neither"), tr("neither"), Item::Evicted},
                                   {tr("both"), tr("both"), Item::Swatch, m_theme.differenceBoth},
                                   {tr("only here"), tr("here"), Item::Swatch, m_theme.differenceThis},
                                   {tr("only %1").arg(m_reference), m_reference, Item::Swatch, m_theme.differenceReference}});
    if (m_windows)
        items.push_back({tr("model's window"), tr("window"), Item::Hatch});
    if (m_distances)
        items.push_back({m_reference.isEmpty() ? tr("mean, log from 1/64") : tr("mean"), {}, Item::Word});
    else if (m_reduction > 1)
        items.push_back(
            {m_reference.isEmpty() ? tr("max of %1 tokens").arg(m_reduction) : tr("most contested of %1 tokens").arg(m_reduction),
             {},
             Item::Word});
    items.push_back({m_loop, {}, Item::Word});
    return items;
}

ColorKey::Row ColorKey::row(Words words) const
{
    const QFontMetricsF metrics(uiFont(12));
    const bool full = words == Words::All || words == Words::States;
    Row row{items(), full ? kGap : kShortGap, full ? kRamp : kShortRamp};
    if (words != Words::All) // the loop stands in the context bar, the reduction in the tool tip
        std::erase_if(row.items, [](const Item& item) { return item.kind == Item::Word; });
    row.width = -row.gap;
    for (Item& item : row.items) {
        if (words == Words::Short)
            item.word = item.shortWord;
        else if (words == Words::None)
            item.word.clear();
        const bool ramp = item.kind == Item::Rule || item.kind == Item::Choice;
        item.width = item.kind == Item::Word ? 0 : ramp ? row.ramp : kSwatch;
        if (!item.word.isEmpty())
            item.width += (item.kind == Item::Word ? 0 : 5) + metrics.horizontalAdvance(item.word);
        row.width += item.width + row.gap;
    }
    return row;
}

ColorKey::Row ColorKey::fittingRow() const
{
    for (const Words words : {Words::All, Words::States, Words::StatesClose, Words::Short})
        if (Row fitting = row(words); fitting.width <= width())
            return fitting;
    return row(Words::None);
}

QSize ColorKey::sizeHint() const { return {static_cast<int>(std::ceil(row(Words::All).width + kGap)), 24}; }
int ColorKey::shortWidth() const { return static_cast<int>(std::ceil(row(Words::Short).width)); }

/// As the maps draw it: lines at 45°, up to the right.
void ColorKey::drawHatch(QPainter& painter, const QRectF& box) const
{
    constexpr double kPitch = 6;
    painter.save();
    painter.setClipRect(box);
    painter.setPen(m_theme.line);
    for (double x = box.left(); x < box.right() + box.height(); x += kPitch)
        painter.drawLine(QPointF(x, box.top()), QPointF(x - box.height(), box.bottom()));
    painter.restore();
}

QString ColorKey::shownWords() const
{
    QStringList words;
    for (const Item& item : fittingRow().items)
        if (!item.word.isEmpty())
            words << item.word;
    return words.join(QStringLiteral(", "));
}

void ColorKey::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(uiFont(12));
    const Row row = fittingRow();
    double x = std::max(0.0, width() - row.width);
    const double middle = height() / 2.0;
    for (const Item& item : row.items) {
        double text = x;
        if (item.kind != Item::Word && item.kind != Item::Rule && item.kind != Item::Choice) {
            const QRectF box(x + 0.5, middle - 5.5, kSwatch - 1, 11);
            painter.fillRect(box, item.kind == Item::NotRead || item.kind == Item::Hatch
                                      ? m_theme.page
                                      : QColor::fromRgb(item.kind == Item::Swatch ? item.color : m_theme.none));
            if (item.kind == Item::Hatch)
                drawHatch(painter, box);
            painter.setPen(m_theme.line);
            painter.drawRect(box);
            text += kSwatch + 5;
        } else if (item.kind != Item::Word) {
            const auto& ramp = item.kind == Item::Rule ? m_theme.rule : m_theme.choice;
            for (int i = 0; i < static_cast<int>(row.ramp); ++i) {
                const auto share = static_cast<std::size_t>(std::lround(126 * (i + 1) / row.ramp));
                painter.fillRect(QRectF(x + i, middle - 6, 1, 12), QColor::fromRgb(ramp[m_scale.index[share]]));
            }
            text += row.ramp + 5;
        }
        painter.setPen(m_theme.muted);
        painter.drawText(QRectF(text, 0, item.width, height()), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, item.word);
        x += item.width + row.gap;
    }
}

} // namespace winnow::views
