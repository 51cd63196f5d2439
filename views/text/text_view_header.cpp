// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_view_header.h"

#include "views/style/dock_style.h"

#include <QPainter>

namespace winnow::views {

TextHeader::TextHeader(QWidget* parent)
    : QWidget(parent), m_barsButton(new IconButton(Icon::Bars, tr("Bars of all policies under the tokens (B)"), this)),
      m_find(new IconButton(Icon::Find, tr("Find in the text (Ctrl+F)"), this))
{
    m_barsButton->setCheckable(true);
    connect(m_barsButton, &IconButton::toggled, this, &TextHeader::barsToggled);
    connect(m_find, &IconButton::clicked, this, &TextHeader::findClicked);
}

void TextHeader::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_barsButton->setTheme(theme);
    m_find->setTheme(theme);
    update();
}

void TextHeader::setSubtitle(const QString& subtitle)
{
    if (subtitle == m_subtitle)
        return;
    m_subtitle = subtitle;
    update();
}

void TextHeader::setBars(bool on)
{
    const QSignalBlocker quiet(m_barsButton);
    m_barsButton->setChecked(on);
}

void TextHeader::resizeEvent(QResizeEvent*)
{
    const QSize button = m_find->sizeHint();
    const int top = (height() - button.height()) / 2;
    m_find->setGeometry(width() - scaled(8) - button.width(), top, button.width(), button.height());
    m_barsButton->setGeometry(m_find->x() - button.width(), top, button.width(), button.height());
}

void TextHeader::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    const int left = scaled(12);
    const int title = drawText(painter, QRect(left, 0, width(), height()), uiFont(13, true), m_theme.ink, tr("Text"));
    const int from = left + title + scaled(16);
    drawText(painter, QRect(from, 0, m_barsButton->x() - from - 4, height()), uiFont(12), m_theme.muted, m_subtitle);
}

} // namespace winnow::views
