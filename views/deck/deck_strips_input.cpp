// SPDX-License-Identifier: GPL-3.0-or-later
// What the deck tells screen readers, and the pointer over it: the ruler scrubs, strips choose and brush tokens, the wheel zooms
// the maps along tokens.
#include "views/deck/deck_strips.h"

#include "core/analysis/kept_share.h"
#include "views/notes/note_flags.h"
#include "views/state/kept_words.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/counted.h"

#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kClick = 4;
}

bool DeckStrips::onBrushEdge(const QPointF& point, bool* atBegin) const
{
    const auto& range = m_selection->state().tokenRange;
    if (!range || rowAt(point.y()) == stripCount())
        return false;
    const double toBegin = std::abs(point.x() - xOf(range->begin)), toEnd = std::abs(point.x() - xOf(range->end));
    if (atBegin)
        *atBegin = toBegin < toEnd || (toBegin == toEnd && point.x() < xOf(range->begin));
    return std::min(toBegin, toEnd) <= kClick;
}

void DeckStrips::mousePressEvent(QMouseEvent* event)
{
    const QPointF point = event->position();
    m_pressed = point;
    m_drag = Drag::None;
    if (m_tokens == 0)
        return;
    if (event->button() == Qt::MiddleButton) {
        m_zoomAtPress = m_selection->state().zoom;
        m_drag = Drag::Pan;
    } else if (event->button() == Qt::LeftButton && rowAt(point.y()) == stripCount()) {
        m_drag = Drag::Scrub;
        m_selection->setStep(wholeToken(point.x()));
    } else if (event->button() == Qt::LeftButton) {
        bool atBegin = false;
        m_drag = Drag::Undecided;
        m_anchor = wholeToken(point.x());
        if (onBrushEdge(point, &atBegin)) {
            const Range range = *m_selection->state().tokenRange;
            m_anchor = atBegin ? range.end - 1 : range.begin;
        }
    }
}

void DeckStrips::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF point = event->position();
    if (m_tokens == 0)
        return;
    if (m_drag == Drag::Undecided && (point - m_pressed).manhattanLength() >= kClick)
        m_drag = Drag::Brush;
    switch (m_drag) {
    case Drag::None: {
        setCursor(onBrushEdge(point, nullptr)        ? Qt::SplitHCursor
                  : rowAt(point.y()) == stripCount() ? Qt::PointingHandCursor
                                                     : Qt::CrossCursor);
        const bool over = point.x() >= left() && point.x() < right() && rowAt(point.y()) < stripCount();
        if (over)
            m_selection->setHover(wholeToken(point.x()), std::nullopt, event->globalPosition().toPoint());
        else
            m_selection->setHover({}, {});
        setToolTip(over ? QString()
                        : noteWordsAt(
                              m_notes, [this](double token) { return xOf(token); }, point.x()));
        break;
    }
    case Drag::Scrub:
        m_selection->setStep(wholeToken(point.x()));
        break;
    case Drag::Brush: {
        const int token = wholeToken(point.x());
        m_selection->setTokenRange(Range{std::min(m_anchor, token), std::max(m_anchor, token) + 1});
        break;
    }
    case Drag::Pan: // the text moves under the maps' window, so the bracket follows the pointer
        m_selection->setZoom(panned(m_zoomAtPress, m_tokens, tokenAt(point.x()) - tokenAt(m_pressed.x()), 0));
        break;
    case Drag::Undecided:
        break;
    }
}

void DeckStrips::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_drag == Drag::Undecided) {
        const int row = rowAt(event->position().y());
        m_selection->setToken(wholeToken(event->position().x()));
        if (row >= 0 && row < stripCount())
            m_selection->setFocus(m_policies[static_cast<std::size_t>(row)]);
    }
    m_drag = Drag::None;
}

void DeckStrips::mouseDoubleClickEvent(QMouseEvent* event)
{
    m_drag = Drag::None;
    if (event->button() == Qt::LeftButton)
        m_selection->setZoom({});
}

void DeckStrips::wheelEvent(QWheelEvent* event)
{
    if (m_tokens == 0) {
        event->ignore();
        return;
    }
    const double token = std::clamp(tokenAt(event->position().x()), 0.0, static_cast<double>(m_tokens));
    const Zoom& zoom = m_selection->state().zoom;
    if (event->phase() != Qt::NoScrollPhase && event->pixelDelta().x() != 0) {
        m_selection->setZoom(panned(zoom, m_tokens, tokenAt(0) - tokenAt(event->pixelDelta().x()), 0));
        return;
    }
    const Zoom now = fullZoom(zoom, m_tokens);
    const double at = std::clamp(token, now.tokenBegin, now.tokenEnd);
    m_selection->setZoom(zoomedAt(zoom, m_tokens, at, 0, std::pow(1.25, event->angleDelta().y() / 120.0), 1));
}

void DeckStrips::leaveEvent(QEvent*)
{
    m_selection->setHover({}, {});
    unsetCursor();
}

QString DeckStrips::accessRow(int row) const
{
    return policyTitle(*m_data.replay->policies[static_cast<std::size_t>(m_policies[static_cast<std::size_t>(row)])]);
}

QString DeckStrips::accessColumn(int column) const { return column == 0 ? tr("the token at the step") : tr("tokens kept"); }

QString DeckStrips::accessCell(int row, int column) const
{
    const int policy = m_policies[static_cast<std::size_t>(row)];
    const SelectionState& state = m_selection->state();
    const PolicyReplay* computed = computedAt(m_data, policy, state.step);
    if (column == 0 || !computed)
        return keptWords(m_data, state, policy);
    std::vector<std::uint16_t> kept(static_cast<std::size_t>(std::min(computed->tokens, state.step + 1)));
    countKept(*computed, lanesOf(m_data, state, policy).lanes, state.step, 0, kept);
    return tr("keeps %1 of %2 in some lane")
        .arg(grouped(std::count_if(kept.begin(), kept.end(), [](std::uint16_t lanes) { return lanes > 0; })),
             counted(static_cast<qint64>(kept.size()), tr("token")));
}

QRect DeckStrips::accessRect(int row, int) const { return stripRect(row).toRect(); }

} // namespace winnow::views
