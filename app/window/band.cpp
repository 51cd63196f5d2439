// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/band.h"

#include "views/style/dock_style.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace winnow::app {

namespace {

/// The start of what was copied; what went wrong is said whole, for its end tells what to do. The tool tip has it all.
QString shortened(const QString& sentence, Band::Kind kind)
{
    constexpr qsizetype kMost = 220;
    return kind == Band::Kind::Hint && sentence.size() > kMost ? sentence.left(kMost) + QStringLiteral("\u2026") : sentence;
}

/// With places at which the long words of commands and paths may be broken.
QString breakable(const QString& sentence)
{
    constexpr qsizetype kLongWord = 40;
    QStringList words = sentence.split(QLatin1Char(' '));
    for (QString& word : words)
        if (word.size() > kLongWord)
            word.replace(QLatin1Char(','), QStringLiteral(",\u200B")).replace(QLatin1Char('/'), QStringLiteral("/\u200B"));
    return words.join(QLatin1Char(' '));
}

} // namespace

Band::Band(QWidget* parent) : QWidget(parent), m_theme(views::Theme::darkTheme()), m_label(new QLabel), m_buttons(new QHBoxLayout)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 4, 4, 4);
    row->setSpacing(8);
    m_label->setWordWrap(true);
    m_label->setMinimumWidth(1); // a long word must not push the docks together
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_label->setFocusPolicy(Qt::NoFocus);
    row->addWidget(m_label, 1);
    row->addLayout(m_buttons);
    auto* close = new QToolButton;
    close->setText(QStringLiteral("×"));
    close->setAutoRaise(true);
    close->setFixedSize(views::scaled(28), views::scaled(28));
    close->setAccessibleName(tr("Dismiss"));
    close->setToolTip(tr("Dismiss"));
    connect(close, &QToolButton::clicked, this, [this] {
        hide();
        emit dismissed();
    });
    row->addWidget(close, 0, Qt::AlignTop);
    hide();
}

void Band::setTheme(const views::Theme& theme)
{
    m_theme = theme;
    update();
}

void Band::show(Kind kind, const QString& sentence, const std::vector<Choice>& choices)
{
    m_kind = kind;
    m_label->setText(breakable(shortened(sentence, kind)));
    m_label->setToolTip(sentence);
    setAccessibleName(sentence);
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const Choice& choice : choices) {
        auto* button = new QPushButton(choice.text);
        button->setFixedHeight(views::scaled(28));
        button->setFocusPolicy(Qt::TabFocus); // a click leaves the keys where they were; the button is gone afterwards
        connect(button, &QPushButton::clicked, this, [this, act = choice.act] {
            hide();
            act();
        });
        m_buttons->addWidget(button);
    }
    setFocusProxy(choices.empty() ? nullptr : m_buttons->itemAt(0)->widget());
    QWidget::show();
    update();
}

bool Band::hasChoices() const { return m_buttons->count() > 0; }

QString Band::sentence() const { return m_label->toolTip(); }

void Band::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QColor edge =
        m_kind == Kind::Hint ? QColor::fromRgb(m_theme.differenceThis) : QColor::fromRgb(m_theme.differenceReference);
    painter.fillRect(rect(), m_theme.panel);
    painter.fillRect(QRect(0, 0, 3, height()), edge);
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_theme.line);
}

} // namespace winnow::app
