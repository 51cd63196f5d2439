// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/deck/deck_transport.h"

#include "views/style/dock_style.h"
#include "views/style/elided_label.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

#include <array>
#include <cmath>

namespace winnow::views {

namespace {

enum class Glyph { Back, Play, Pause, Forward };

/// Drawn, not taken from a font or theme, so that they look alike everywhere.
QIcon glyph(Glyph which, const QColor& color)
{
    QPixmap pixmap(32, 32);
    pixmap.setDevicePixelRatio(2);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto triangle = [&](double tip, double base) {
        QPainterPath path(QPointF(tip, 8));
        path.lineTo(base, 3);
        path.lineTo(base, 13);
        path.closeSubpath();
        painter.fillPath(path, color);
    };
    switch (which) {
    case Glyph::Back:
        triangle(4, 12);
        painter.fillRect(QRectF(3, 3, 1.5, 10), color);
        break;
    case Glyph::Play:
        triangle(13, 4);
        break;
    case Glyph::Pause:
        painter.fillRect(QRectF(4, 3, 3, 10), color);
        painter.fillRect(QRectF(9, 3, 3, 10), color);
        break;
    case Glyph::Forward:
        triangle(12, 4);
        painter.fillRect(QRectF(11.5, 3, 1.5, 10), color);
        break;
    }
    painter.end();
    return QIcon(pixmap);
}

QString speedName(double speed)
{
    if (speed == 0.25)
        return QStringLiteral("¼×");
    if (speed == 0.5)
        return QStringLiteral("½×");
    return QStringLiteral("%1×").arg(speed);
}

} // namespace

TransportRow::TransportRow(QWidget* parent)
    : QWidget(parent), m_back(new QToolButton), m_play(new QToolButton), m_forward(new QToolButton), m_speed(new QToolButton),
      m_step(new QLabel), m_status(new ElidedLabel), m_job(new QLabel), m_jobArea(new QWidget), m_bar(new QProgressBar),
      m_stop(new QPushButton(tr("Stop")))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Window); // a tool bar's children have the color of buttons
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 2, 12, 4);
    row->setSpacing(4);
    const std::array<std::pair<QToolButton*, QString>, 4> buttons{
        {{m_back, tr("One step back")}, {m_play, tr("Play")}, {m_forward, tr("One step on")}, {m_speed, tr("Speed of play")}}};
    for (const auto& [button, name] : buttons) {
        button->setAutoRaise(true);
        button->setMinimumSize(26, 24);
        button->setIconSize({scaled(16), scaled(16)});
        button->setToolTip(name);
        button->setAccessibleName(name);
        button->setFocusPolicy(Qt::TabFocus);
    }
    m_back->setAutoRepeat(true);
    m_forward->setAutoRepeat(true);
    row->addWidget(m_back);
    row->addWidget(m_play);
    row->addWidget(m_forward);
    row->addSpacing(6);
    row->addWidget(m_step);
    row->addWidget(m_speed);
    row->addSpacing(8);
    m_status->setAlignment(Qt::AlignCenter);
    row->addWidget(m_status, 1);
    auto* jobs = new QHBoxLayout(m_jobArea);
    jobs->setContentsMargins(0, 0, 0, 0);
    jobs->setSpacing(8);
    m_bar->setTextVisible(false);
    m_bar->setFixedSize(80, 4);
    m_stop->setFocusPolicy(Qt::TabFocus);
    jobs->addWidget(m_job);
    jobs->addWidget(m_bar);
    jobs->addWidget(m_stop);
    row->addWidget(m_jobArea);

    auto* menu = new QMenu(m_speed);
    for (const double speed : {0.25, 0.5, 1.0, 2.0, 4.0, 8.0})
        connect(menu->addAction(speedName(speed)), &QAction::triggered, this, [this, speed] { emit speedChosen(speed); });
    m_speed->setMenu(menu);
    m_speed->setPopupMode(QToolButton::InstantPopup);
    connect(m_play, &QToolButton::clicked, this, &TransportRow::playClicked);
    connect(m_back, &QToolButton::clicked, this, [this] { emit stepBy(-1); });
    connect(m_forward, &QToolButton::clicked, this, [this] { emit stepBy(1); });
    connect(m_stop, &QPushButton::clicked, this, &TransportRow::stopClicked);
    setJob({}, -1);
    setSpeed(1);
    setStep(0, -1);
    setCompact(false);
}

void TransportRow::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette palette = theme.palette();
    setPalette(palette);
    m_step->setFont(uiFont(13));
    m_speed->setFont(uiFont(13));
    m_stop->setFont(uiFont(12));
    palette.setColor(QPalette::WindowText, theme.muted);
    for (QLabel* label : {static_cast<QLabel*>(m_status), m_job}) {
        label->setPalette(palette);
        label->setFont(uiFont(12));
    }
    m_bar->setStyleSheet(QStringLiteral("QProgressBar { border: 0; background: %1; } QProgressBar::chunk { background: %2; }")
                             .arg(theme.line.name(), QColor::fromRgb(theme.differenceThis).name()));
    m_back->setIcon(glyph(Glyph::Back, theme.ink));
    m_forward->setIcon(glyph(Glyph::Forward, theme.ink));
    setPlaying(m_playing);
}

void TransportRow::setCompact(bool compact)
{
    setFixedHeight(std::max(compact ? 28 : 34, static_cast<int>(QFontMetricsF(uiFont(13)).height()) + 10));
    layout()->setContentsMargins(10, compact ? 0 : 2, 12, compact ? 2 : 4);
    m_stop->setFixedHeight(std::max(24, static_cast<int>(QFontMetricsF(uiFont(12)).height()) + 6));
}

void TransportRow::setPlaying(bool playing)
{
    m_playing = playing;
    m_play->setIcon(glyph(playing ? Glyph::Pause : Glyph::Play, m_theme.ink));
    m_play->setAccessibleName(playing ? tr("Pause") : tr("Play"));
    m_play->setToolTip(playing ? tr("Pause (Space)") : tr("Play (Space)"));
}

void TransportRow::setSpeed(double speed) { m_speed->setText(speedName(speed)); }

void TransportRow::setStep(int step, int last)
{
    const bool any = last >= 0;
    for (QToolButton* button : {m_back, m_play, m_forward, m_speed})
        button->setEnabled(any);
    const QString text = any ? tr("step %1 / %2").arg(grouped(step), grouped(last)) : tr("no text yet");
    m_step->setText(text);
    const QString widest = any ? tr("step %1 / %2").arg(grouped(last), grouped(last)) : text;
    m_step->setMinimumWidth(m_step->fontMetrics().horizontalAdvance(widest) + 8); // the row keeps still while numbers run
}

void TransportRow::setStatus(const QString& sentence) { m_status->setText(sentence); }

void TransportRow::setJob(const QString& text, double fraction)
{
    m_job->setText(text);
    const bool any = !text.isEmpty();
    m_job->setVisible(any);
    m_stop->setVisible(any);
    m_bar->setVisible(any);
    if (fraction < 0) {
        m_bar->setRange(0, 0);
    } else {
        m_bar->setRange(0, 1000);
        m_bar->setValue(static_cast<int>(std::lround(1000 * std::min(1.0, fraction))));
    }
}

} // namespace winnow::views
