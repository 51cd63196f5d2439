// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_view.h"

#include "views/plot/color_scale.h"
#include "views/state/lane_choice.h"
#include "views/style/chip.h"
#include "views/style/dock_style.h"
#include "views/text/search_bar.h"
#include "views/text/text_view_flow.h"
#include "views/text/text_view_header.h"
#include "views/text/text_words.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kStepAt = 0.7; ///< of the height
constexpr int kDragStarts = 4;  ///< px; a shorter drag is a click

bool isEnter(const QKeyEvent& key) { return key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter; }

bool isTokenMove(const QKeyEvent& key)
{
    const bool arrow =
        key.key() == Qt::Key_Left || key.key() == Qt::Key_Right || key.key() == Qt::Key_Up || key.key() == Qt::Key_Down;
    return (arrow || isEnter(key)) && (key.modifiers() & Qt::AltModifier);
}

} // namespace

TextView::TextView(Selection* selection, QWidget* parent)
    : QAbstractScrollArea(parent), m_selection(selection), m_header(new TextHeader(this)), m_searchBar(new SearchBar(this)),
      m_pill(new Chip(this))
{
    setAccessibleName(tr("Text"));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumWidth(280);
    viewport()->setMouseTracking(true);
    verticalScrollBar()->setSingleStep(scaled(22));
    m_searchBar->hide();
    m_pill->hide();
    m_pill->setFilled(true);
    connect(m_header, &TextHeader::barsToggled, this, &TextView::setBars);
    connect(m_header, &TextHeader::findClicked, this, &TextView::openSearch);
    connect(m_searchBar, &SearchBar::queryChanged, this, &TextView::search);
    connect(m_searchBar, &SearchBar::nextWanted, this, &TextView::findNext);
    connect(m_searchBar, &SearchBar::previousWanted, this, &TextView::findPrevious);
    connect(m_searchBar, &SearchBar::closeWanted, this, &TextView::closeSearch);
    connect(m_pill, &Chip::clicked, this, &TextView::followStep);
    connect(selection, &Selection::changed, this, &TextView::selectionChanged);
    connect(selection, &Selection::left, this, [this] {
        m_drag = Drag::None;
        m_tokenBeforeClick.reset();
        hideSearch();
    });
    connect(selection, &Selection::hoverChanged, this, [this] {
        updateWords();
        viewport()->update();
    });
    setTheme(Theme::darkTheme());
    updateWords();
}

TextView::~TextView() = default;

void TextView::setData(const ViewData& data)
{
    const bool newText = data.info != m_data.info;
    m_data = data;
    m_theme.inks = data.replay ? policyInks(*data.replay) : std::vector<PolicyInk>();
    if (newText) {
        m_flow = data.info ? std::make_unique<TextFlow>(*data.info) : nullptr;
        m_follow = true;
        relayout();
        search(m_searchBar->isHidden() ? QString() : m_searchBar->query());
    }
    selectionChanged(Selection::All);
}

void TextView::setTheme(const Theme& theme)
{
    auto inks = std::move(m_theme.inks);
    m_theme = theme;
    m_theme.inks = std::move(inks);
    m_grounds = textGrounds(theme);
    m_differenceGrounds = textDifferenceGrounds(theme);
    setPalette(theme.palette());
    m_header->setTheme(theme);
    m_searchBar->setTheme(theme);
    m_pill->setTheme(theme);
    verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
    viewport()->update();
}

void TextView::setBars(bool on)
{
    if (on == m_bars)
        return;
    m_bars = on;
    m_header->setBars(on);
    selectionChanged(Selection::All);
    emit barsChanged(on);
}

int TextView::shownTokens() const { return m_flow ? std::clamp(m_data.tokensRecorded, 0, m_flow->tokenCount()) : 0; }

void TextView::selectionChanged(Selection::Fields fields)
{
    if (m_flow && m_follow && (fields & Selection::StepField))
        scrollTo(m_selection->state().step, kStepAt);
    if (fields & (Selection::StepField | Selection::Focus | Selection::Lanes | Selection::Hidden | Selection::Reference |
                  Selection::Difference))
        updateShares();
    updateWords();
    placeChildren();
    viewport()->update();
}

/// Counts the lanes of the tokens in sight, so that a step costs the same whatever the text's length.
void TextView::updateShares()
{
    if (!m_flow || m_flow->lineCount() == 0 || !m_data.replay || m_data.replay->policies.empty()) {
        m_shares.setPolicies({});
        return;
    }
    std::vector<int> policies{m_selection->state().focus};
    if (m_bars)
        for (const int policy : visiblePolicies(m_data, *m_selection))
            policies.push_back(policy);
    m_shares.setPolicies(policies); // the pitch depends on how many there are
    updateScrollRange();
    if (!isVisible())
        return;
    const double scroll = verticalScrollBar()->value();
    m_shares.count(m_data, m_selection->state(),
                   m_flow->tokensOf(m_flow->lineAt(scroll, pitch()), m_flow->lineAt(scroll + viewport()->height(), pitch())));
}

void TextView::updateWords()
{
    const TextWords words = textWords(m_data, *m_selection, m_flow ? m_flow->tokenCount() : 0);
    m_header->setSubtitle(words.subtitle);
    if (accessibleDescription() != words.sentence)
        setAccessibleDescription(words.sentence);
}

void TextView::updateScrollRange()
{
    if (!m_flow)
        return;
    const int height = static_cast<int>(std::ceil(m_flow->height(pitch()))) + scaled(8), page = viewport()->height();
    if (verticalScrollBar()->maximum() == std::max(0, height - page) && verticalScrollBar()->pageStep() == page)
        return;
    m_scrollingSelf = true;
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setRange(0, std::max(0, height - page));
    m_scrollingSelf = false;
    if (m_follow)
        scrollTo(m_selection->state().step, kStepAt);
}

void TextView::setScroll(int value)
{
    m_scrollingSelf = true;
    verticalScrollBar()->setValue(value);
    m_scrollingSelf = false;
}

/// Brings the token's line to `share` of the height.
void TextView::scrollTo(int token, double share)
{
    if (!m_flow || m_flow->lineCount() == 0 || token < 0 || token >= m_flow->tokenCount())
        return;
    updateScrollRange();
    setScroll(static_cast<int>(
        std::lround(m_flow->lineTop(m_flow->firstLineOf(token), pitch()) - share * (viewport()->height() - pitch()))));
}

void TextView::followStep()
{
    m_follow = true;
    selectionChanged(Selection::All);
}

void TextView::scrollContentsBy(int, int)
{
    if (!m_scrollingSelf) {
        m_follow = false;
        m_selection->setHover({}, {}); // another token is under the pointer now
    }
    updateShares();
    placeChildren();
    viewport()->update();
}

void TextView::resizeEvent(QResizeEvent*)
{
    relayout();
    updateScrollRange();
    selectionChanged(Selection::All);
}

void TextView::showEvent(QShowEvent* event)
{
    QAbstractScrollArea::showEvent(event);
    relayout();
    selectionChanged(Selection::All);
}

QString TextView::copyableText() const { return views::copyableText(m_data, m_selection->state()); }

// --- mouse, keys and the search row

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
    if (m_searchBar->isHidden()) // nothing to close, and the focus stays where it is
        return;
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
    if (m_flow)
        m_search.find(m_flow->display(), query, shownTokens());
    else
        m_search.clear();
    std::vector<int> tokens;
    for (const TextSearch::Hit& hit : m_search.hits())
        tokens.push_back(hit.firstToken);
    emit hitsChanged(tokens);
    // The first hit at or behind what is in sight.
    const auto& hits = m_search.hits();
    const auto next = std::find_if(hits.begin(), hits.end(),
                                   [&](const TextSearch::Hit& hit) { return tokenRect(hit.firstToken).bottom() >= 0; });
    goToHit(next == hits.end() ? 0 : static_cast<int>(next - hits.begin()));
}

void TextView::goToHit(int hit)
{
    m_search.goTo(hit);
    if (m_search.current() >= 0) {
        const int token = m_search.hits()[static_cast<std::size_t>(m_search.current())].firstToken;
        const QRect box = tokenRect(token);
        if (box.top() < 0 || box.bottom() > viewport()->height()) {
            m_follow = false;
            scrollTo(token, 0.4);
        }
    }
    m_searchBar->setCount(m_search.current(), m_search.count());
    placeChildren();
    viewport()->update();
}

} // namespace winnow::views
