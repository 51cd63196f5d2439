// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/panel_band.h"

#include "views/style/dock_style.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

namespace winnow::views {

PanelBand::PanelBand(QWidget* parent)
    : QWidget(parent), m_theme(Theme::darkTheme()), m_label(new QLabel), m_row(new QHBoxLayout(this)), m_buttons(new QHBoxLayout)
{
    m_row->setContentsMargins(14, 4, 8, 4);
    m_row->setSpacing(8);
    m_label->setWordWrap(true);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_label->setFocusPolicy(Qt::NoFocus);
    m_row->addWidget(m_label, 1);
    m_row->addLayout(m_buttons);
    hide();
}

void PanelBand::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void PanelBand::setStacked(bool on)
{
    m_stacked = on;
    m_row->setDirection(on ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_row->setSpacing(on ? 4 : 8);
    m_label->setFont(uiFont(on ? 12 : 13));
}

void PanelBand::tell(const QString& sentence, const std::vector<Choice>& choices)
{
    m_label->setText(sentence);
    setAccessibleName(sentence);
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const Choice& choice : choices) {
        auto* button = new QPushButton(choice.text);
        button->setMinimumHeight(scaled(m_stacked ? 24 : 28));
        if (m_stacked)
            button->setFont(uiFont(12));
        connect(button, &QPushButton::clicked, this, [this, act = choice.act] {
            hide();
            act();
        });
        m_buttons->addWidget(button);
    }
    setVisible(!sentence.isEmpty());
}

QString PanelBand::sentence() const { return isHidden() ? QString() : m_label->text(); }

void PanelBand::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), raisedOf(m_theme));
    painter.fillRect(QRect(0, 0, 3, height()), referenceAccentOf(m_theme));
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_theme.line);
}

} // namespace winnow::views
