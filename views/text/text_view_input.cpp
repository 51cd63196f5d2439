// SPDX-License-Identifier: GPL-3.0-or-later
// What the text view does with mouse, keys and the search row.
#include "views/text/text_view.h"

#include "views/text/search_bar.h"
#include "views/text/text_view_flow.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kDragStarts = 4; ///< px; a shorter drag is a click

bool isEnter(const QKeyEvent& key) { return key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter; }

bool isTokenMove(const QKeyEvent& key)
{
    const bool arrow =
        key.key() == Qt::Key_Left || key.key() == Qt::Key_Right || key.key() == Qt::Key_Up || key.key() == Qt::Key_Down;
    return (arrow || isEnter(key)) && (key.modifiers() & Qt::AltModifier);
}

} // namespace

void TextView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->pos();
    const int otherEnd = brushEdgeAt(event->pos());
    m_drag = otherEnd >= 0 ? Drag::Brush : Drag::Pressed;
    m_anchorToken = otherEnd >= 0 ? otherEnd : nearestToken(event->pos());
}

void TextView::mouseMoveEvent(QMouseEvent* event)
{
    const int token = tokenAt(event->pos());
    if (m_drag == Drag::None) {
        viewport()->setCursor(brushEdgeAt(event->pos()) >= 0 ? Qt::SplitHCursor
                              : token >= 0                   ? Qt::PointingHandCursor
                                                             : Qt::ArrowCursor);
        m_selection->setHover(token >= 0 ? std::optional(token) : std::nullopt, std::nullopt, event->globalPosition().toPoint());
        return;
    }
    if (m_drag == Drag::Pressed && (event->pos() - m_pressed).manhattanLength() >= kDragStarts) {
        m_drag = Drag::Brush;
        m_selection->setHover({}, {});
    }
    if (m_drag == Drag::Brush)
        brush(m_anchorToken, nearestToken(event->pos()));
}

void TextView::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const Drag drag = std::exchange(m_drag, Drag::None);
    const int token = tokenAt(event->pos());
    if (drag != Drag::Pressed || token < 0)
        return;
    // Tokens of one grapheme share a box: another click goes on to the next of them.
    const TokenBox& box = m_flow->boxOf(token);
    const std::optional<int> selected = m_selection->state().token;
    const bool inside = selected && *selected >= box.firstToken && *selected < box.lastToken;
    m_tokenBeforeClick = selected;
    m_selection->setToken(inside ? *selected + 1 : token);
}

void TextView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int token = tokenAt(event->pos());
    m_drag = Drag::None;
    if (token < 0)
        return;
    m_selection->setToken(m_tokenBeforeClick); // the first click of the two had selected it
    m_selection->setStep(token);
}

bool TextView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave)
        m_selection->setHover({}, {});
    return QAbstractScrollArea::viewportEvent(event);
}

bool TextView::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        const auto& key = *static_cast<QKeyEvent*>(event);
        if (isTokenMove(key) || (isEnter(key) && m_selection->state().token)) {
            event->accept();
            return true;
        }
    }
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        viewport()->update();
    return QAbstractScrollArea::event(event);
}

void TextView::keyPressEvent(QKeyEvent* event)
{
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    if (isEnter(*event)) {
        if (m_selection->state().token)
            m_selection->setStep(*m_selection->state().token);
    } else if (!isTokenMove(*event)) {
        QAbstractScrollArea::keyPressEvent(event);
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        moveToken(event->key() == Qt::Key_Left ? -1 : 1, 0, shift);
    } else {
        moveToken(0, event->key() == Qt::Key_Up ? -1 : 1, shift);
    }
}

void TextView::moveToken(int by, int lines, bool brushing)
{
    if (!m_flow || shownTokens() == 0)
        return;
    const int from = m_selection->state().token.value_or(m_selection->state().step);
    int to = from + by;
    if (lines != 0) {
        const QRect box = tokenRect(from);
        to = nearestToken(box.center() + QPoint(0, static_cast<int>(lines * pitch())));
    }
    to = std::clamp(to, 0, shownTokens() - 1);
    m_selection->setToken(to);
    if (brushing) {
        const auto& range = m_selection->state().tokenRange;
        // The end of the brush that the token did not come from stays.
        const int anchor = !range ? from : from == range->begin ? range->end - 1 : from == range->end - 1 ? range->begin : from;
        brush(anchor, to);
    }
    const QRect box = tokenRect(to);
    if (box.top() < 0 || box.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + box.top() - viewport()->height() / 2);
}

void TextView::brush(int from, int to)
{
    if (from >= 0 && to >= 0)
        m_selection->setTokenRange(Range{std::min(from, to), std::max(from, to) + 1});
}

void TextView::openSearch()
{
    m_searchBar->show();
    placeChildren();
    m_searchBar->activate();
    search(m_searchBar->query());
}

void TextView::closeSearch()
{
    hideSearch();
    setFocus();
}

void TextView::hideSearch()
{
    m_searchBar->hide();
    search({});
}

void TextView::search(const QString& query)
{
    m_hits.clear();
    m_hitTokens.clear();
    m_currentHit = -1;
    if (m_flow && !query.isEmpty()) {
        const DisplayText& display = m_flow->display();
        m_hitTokens.assign(display.boxOfToken.size(), 0);
        auto box = display.boxes.begin();
        for (qsizetype at = display.haystack.indexOf(query, 0, Qt::CaseInsensitive); at >= 0;
             at = display.haystack.indexOf(query, at + query.size(), Qt::CaseInsensitive)) {
            const int begin = display.haystackAt[static_cast<std::size_t>(at)],
                      last = display.haystackAt[static_cast<std::size_t>(at + query.size() - 1)];
            box = std::lower_bound(box, display.boxes.end(), begin,
                                   [](const TokenBox& b, int unit) { return b.extent.end <= unit; });
            auto end = std::lower_bound(box, display.boxes.end(), last,
                                        [](const TokenBox& b, int unit) { return b.extent.end <= unit; });
            if (box == display.boxes.end() || end == display.boxes.end() || end->lastToken >= shownTokens())
                break;
            m_hits.push_back({box->firstToken, end->lastToken});
            std::fill(m_hitTokens.begin() + box->firstToken, m_hitTokens.begin() + end->lastToken + 1, std::uint8_t{1});
        }
    }
    std::vector<int> tokens;
    for (const Hit& hit : m_hits)
        tokens.push_back(hit.firstToken);
    emit hitsChanged(tokens);
    // The first hit at or behind what is in sight.
    const auto next =
        std::find_if(m_hits.begin(), m_hits.end(), [&](const Hit& hit) { return tokenRect(hit.firstToken).bottom() >= 0; });
    goToHit(next == m_hits.end() ? 0 : static_cast<int>(next - m_hits.begin()));
}

void TextView::goToHit(int hit)
{
    const int count = static_cast<int>(m_hits.size());
    if (count > 0) {
        const auto mark = [&](int number, std::uint8_t as) {
            const Hit& at = m_hits[static_cast<std::size_t>(number)];
            std::fill(m_hitTokens.begin() + at.firstToken, m_hitTokens.begin() + at.lastToken + 1, as);
        };
        if (m_currentHit >= 0)
            mark(m_currentHit, 1);
        m_currentHit = (hit + count) % count;
        mark(m_currentHit, 2);
        const int token = m_hits[static_cast<std::size_t>(m_currentHit)].firstToken;
        const QRect box = tokenRect(token);
        if (box.top() < 0 || box.bottom() > viewport()->height()) {
            m_follow = false;
            scrollTo(token, 0.4);
        }
    }
    m_searchBar->setCount(m_currentHit, count);
    placeChildren();
    viewport()->update();
}

} // namespace winnow::views
