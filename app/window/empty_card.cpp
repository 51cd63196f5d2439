// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/empty_card.h"

#include "views/style/dock_style.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::app {

namespace {

QPushButton* bigButton(const QString& text, const QString& what)
{
    auto* button = new QPushButton(text);
    button->setMinimumHeight(views::scaled(36));
    button->setToolTip(what);
    return button;
}

} // namespace

EmptyCard::EmptyCard(QWidget* parent)
    : QWidget(parent), m_theme(views::Theme::darkTheme()), m_card(new QWidget(this)), m_drop(new QLabel),
      m_recentTitle(new QLabel(tr("Recent"))), m_recent(new QVBoxLayout)
{
    auto* outer = new QVBoxLayout(this);
    outer->addStretch();
    auto* middle = new QHBoxLayout; // not an alignment: that would ignore the height which wrapped text needs
    middle->addStretch();
    middle->addWidget(m_card);
    middle->addStretch();
    outer->addLayout(middle);
    outer->addStretch();

    auto* card = new QVBoxLayout(m_card);
    card->setContentsMargins(24, 24, 24, 24);
    card->setSpacing(8);
    auto* title = new QLabel(tr("Which tokens does a KV cache keep?"));
    title->setFont(views::uiFont(18, true));
    title->setWordWrap(true);
    card->addWidget(title);
    auto* what = new QLabel(tr("Winnow runs a model over a text, records its attention, and replays eviction policies over the "
                               "recording, side by side."));
    what->setWordWrap(true);
    card->addWidget(what);
    card->addSpacing(8);
    auto* model =
        bigButton(tr("Open model…"), tr("A Hugging Face folder (config.json, tokenizer.json, safetensors) or a GGUF file"));
    auto* recording = bigButton(tr("Open recording…"), tr("A trace, a replay or a session"));
    auto* demo = bigButton(tr("Demo"), tr("Record the demo model over a sample text and replay six policies"));
    demo->setDefault(true);
    connect(model, &QPushButton::clicked, this, &EmptyCard::modelWanted);
    connect(recording, &QPushButton::clicked, this, &EmptyCard::recordingWanted);
    connect(demo, &QPushButton::clicked, this, &EmptyCard::demoWanted);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (QPushButton* button : {model, recording, demo})
        row->addWidget(button, 1);
    card->addLayout(row);
    m_drop->setWordWrap(true);
    card->addWidget(m_drop);
    m_recentTitle->setFont(views::uiFont(12, true));
    card->addSpacing(8);
    card->addWidget(m_recentTitle);
    m_recent->setSpacing(0);
    card->addLayout(m_recent);
    setDropText({});
    setRecent({});
}

void EmptyCard::setTheme(const views::Theme& theme)
{
    m_theme = theme;
    QPalette muted = palette();
    muted.setColor(QPalette::WindowText, theme.muted);
    m_drop->setPalette(muted);
    m_recentTitle->setPalette(muted);
    update();
}

void EmptyCard::setRecent(const QStringList& paths)
{
    while (QLayoutItem* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_recentTitle->setVisible(!paths.isEmpty());
    for (const QString& path : paths.mid(0, 6)) {
        auto* button = new QPushButton(QFileInfo(path).fileName());
        button->setFlat(true);
        button->setToolTip(path);
        button->setMinimumHeight(views::scaled(28));
        button->setStyleSheet(QStringLiteral("text-align: left; padding: 0 4px;"));
        connect(button, &QPushButton::clicked, this, [this, path] { emit fileWanted(path); });
        m_recent->addWidget(button);
    }
    fit();
}

/// A larger font makes the card wider. The last of the recent files give way; the menu has them, too.
void EmptyCard::fit()
{
    constexpr int kWidth = 480, kEdge = 16;
    m_card->setFixedWidth(std::max(1, std::min(views::scaled(kWidth), width() - 2 * kEdge)));
    for (int i = 0; i < m_recent->count(); ++i)
        m_recent->itemAt(i)->widget()->show();
    for (int last = m_recent->count() - 1; last > 0; --last) {
        m_card->layout()->invalidate();
        if (m_card->layout()->totalHeightForWidth(m_card->width()) <= height() - 2 * kEdge)
            return;
        m_recent->itemAt(last)->widget()->hide();
    }
}

void EmptyCard::setDropText(const QString& text)
{
    m_drop->setText(text.isEmpty()
                        ? tr("Or drop a model folder, a text, a recording, a replay or a session anywhere in this window.")
                        : text);
}

void EmptyCard::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

void EmptyCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.page);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_theme.line);
    painter.setBrush(m_theme.panel);
    painter.drawRoundedRect(QRectF(m_card->geometry()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
}

} // namespace winnow::app
