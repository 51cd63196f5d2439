// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/search_bar.h"

#include "views/style/dock_style.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>

namespace winnow::views {

SearchBar::SearchBar(QWidget* parent)
    : QWidget(parent), m_field(new QLineEdit(this)), m_count(new QLabel(this)),
      m_previous(new IconButton(Icon::Up, tr("Previous hit (Shift+Enter)"), this)),
      m_next(new IconButton(Icon::Down, tr("Next hit (Enter)"), this)),
      m_close(new IconButton(Icon::Close, tr("Close (Esc)"), this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(scaled(12), scaled(3), scaled(6), scaled(3));
    row->setSpacing(scaled(2));
    row->addWidget(m_field, 1);
    row->addSpacing(scaled(6));
    row->addWidget(m_count);
    row->addSpacing(scaled(2));
    for (IconButton* button : {m_previous, m_next, m_close})
        row->addWidget(button);
    m_field->setFont(uiFont(13));
    m_field->setFixedHeight(scaled(28));
    m_field->setPlaceholderText(tr("Find in the text"));
    m_field->setAccessibleName(tr("Find in the text"));
    m_field->installEventFilter(this);
    m_count->setFont(uiFont(12));
    connect(m_field, &QLineEdit::textChanged, this, &SearchBar::queryChanged);
    connect(m_previous, &IconButton::clicked, this, &SearchBar::previousWanted);
    connect(m_next, &IconButton::clicked, this, &SearchBar::nextWanted);
    connect(m_close, &IconButton::clicked, this, &SearchBar::closeWanted);
    setFocusProxy(m_field);
    setTheme(Theme::darkTheme());
    setCount(-1, 0);
}

void SearchBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (IconButton* button : {m_previous, m_next, m_close})
        button->setTheme(theme);
    setPalette(theme.palette());
    QPalette palette = theme.palette();
    palette.setColor(QPalette::WindowText, theme.muted);
    m_count->setPalette(palette);
    update();
}

void SearchBar::setCount(int current, int total)
{
    m_count->setText(query().isEmpty() ? QString()
                     : total == 0      ? tr("not found")
                                       : tr("%1 of %2").arg(grouped(current + 1), grouped(total)));
    m_previous->setEnabled(total > 0);
    m_next->setEnabled(total > 0);
}

QString SearchBar::query() const { return m_field->text(); }

void SearchBar::activate()
{
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
}

bool SearchBar::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride)
        return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (!enter && key->key() != Qt::Key_Escape)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) { // Enter and Esc mean something else outside the field
        event->accept();
        return true;
    }
    if (!enter)
        emit closeWanted();
    else if (key->modifiers() & Qt::ShiftModifier)
        emit previousWanted();
    else
        emit nextWanted();
    return true;
}

void SearchBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
}

} // namespace winnow::views
