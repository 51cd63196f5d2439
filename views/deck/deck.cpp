// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/deck/deck.h"

#include "views/deck/deck_strips.h"
#include "views/deck/deck_transport.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kSecondsForAll = 20;
constexpr double kSlowest = 0.25, kFastest = 8;
} // namespace

Deck::Deck(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_strips(new DeckStrips(selection)), m_transport(new TransportRow),
      m_timer(new QTimer(this)), m_clock(std::make_unique<QElapsedTimer>())
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_strips, 1);
    layout->addWidget(m_transport);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusProxy(m_strips);
    m_timer->setInterval(16);
    m_timer->setTimerType(Qt::PreciseTimer);
    connect(m_timer, &QTimer::timeout, this, &Deck::advance);
    connect(m_strips, &DeckStrips::heightChanged, this, &Deck::updateHeight);
    connect(m_transport, &TransportRow::playClicked, this, &Deck::togglePlay);
    connect(m_transport, &TransportRow::speedChosen, this, &Deck::setSpeed);
    connect(m_transport, &TransportRow::stepBy, this,
            [this](int steps) { m_selection->setStep(m_selection->state().step + steps); });
    connect(m_transport, &TransportRow::stopClicked, this, &Deck::stopRequested);
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & Selection::StepField)
            showStep();
    });
    connect(selection, &Selection::left, this, &Deck::pause);
    setTheme(Theme::darkTheme());
    updateHeight();
}

Deck::~Deck() = default;

void Deck::setData(const ViewData& data)
{
    m_strips->setData(data);
    showStep();
    updateHeight();
}

void Deck::setTheme(const Theme& theme)
{
    m_strips->setTheme(theme);
    m_transport->setTheme(theme);
    updateHeight();
}

void Deck::setColorScale(const ColorScale& scale) { m_strips->setColorScale(scale); }
void Deck::setNotes(std::vector<Note> notes) { m_strips->setNotes(std::move(notes)); }
void Deck::setSearchHits(std::vector<int> tokens) { m_strips->setSearchHits(std::move(tokens)); }

void Deck::setCompact(bool compact)
{
    m_strips->setCompact(compact);
    m_transport->setCompact(compact);
    updateHeight();
}

void Deck::updateHeight()
{
    const int height = m_strips->neededHeight() + m_transport->height();
    if (height != this->height() || height != minimumHeight())
        setFixedHeight(height);
}

void Deck::showStep() { m_transport->setStep(m_selection->state().step, m_selection->tokenCount() - 1); }

bool Deck::isPlaying() const { return m_timer->isActive(); }
double Deck::speed() const { return m_speed; }
QWidget* Deck::jobArea() const { return m_transport->jobArea(); }
void Deck::setJob(const QString& text, double fraction) { m_transport->setJob(text, fraction); }
void Deck::setStatus(const QString& sentence) { m_transport->setStatus(sentence); }

void Deck::play()
{
    const int last = m_selection->tokenCount() - 1;
    if (isPlaying() || last < 1)
        return;
    if (m_selection->state().step >= last)
        m_selection->setStep(0);
    m_position = m_selection->state().step;
    m_clock->start();
    m_timer->start();
    m_transport->setPlaying(true);
    emit playingChanged(true);
}

void Deck::pause()
{
    if (!isPlaying())
        return;
    m_timer->stop();
    m_transport->setPlaying(false);
    emit playingChanged(false);
}

void Deck::togglePlay() { isPlaying() ? pause() : play(); }

void Deck::setSpeed(double speed)
{
    speed = std::clamp(speed, kSlowest, kFastest);
    if (speed == m_speed)
        return;
    m_speed = speed;
    m_transport->setSpeed(speed);
    emit speedChanged(speed);
}

void Deck::faster() { setSpeed(2 * m_speed); }
void Deck::slower() { setSpeed(m_speed / 2); }

void Deck::advance()
{
    const int tokens = m_selection->tokenCount();
    if (m_selection->state().step != static_cast<int>(m_position)) // somebody else moved the step: go on from there
        m_position = m_selection->state().step;
    m_position += m_speed * tokens / kSecondsForAll * static_cast<double>(m_clock->restart()) / 1000;
    m_position = std::min(m_position, tokens - 1.0);
    m_selection->setStep(static_cast<int>(m_position));
    if (m_position >= tokens - 1)
        pause();
}

} // namespace winnow::views
