// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_view.h"

#include "core/analysis/kept_share.h"
#include "views/chrome/context_bar_chip.h"
#include "views/plot/color_scale.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"
#include "views/text/search_bar.h"
#include "views/text/text_view_flow.h"
#include "views/text/text_view_header.h"

#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kStepAt = 0.7; ///< of the height

} // namespace

TextView::TextView(Selection* selection, QWidget* parent)
    : QAbstractScrollArea(parent), m_selection(selection), m_header(new TextHeader(this)), m_searchBar(new SearchBar(this)),
      m_pill(new ContextChip(this))
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
    connect(m_pill, &ContextChip::clicked, this, &TextView::followStep);
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
    m_theme = theme;
    m_grounds = textGrounds(theme);
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
    if (fields & (Selection::StepField | Selection::Focus | Selection::Lanes | Selection::Hidden))
        updateShares();
    updateWords();
    placeChildren();
    viewport()->update();
}

/// Counts the lanes of the tokens in sight, so that a step costs the same whatever the text's length.
void TextView::updateShares()
{
    m_shares.clear();
    if (!m_flow || m_flow->lineCount() == 0 || !m_data.replay || m_data.replay->policies.empty())
        return;
    std::vector<int> policies{m_selection->state().focus};
    if (m_bars)
        for (const int policy : visiblePolicies(m_data, *m_selection))
            policies.push_back(policy);
    m_shares.resize(policies.size()); // the pitch depends on how many there are
    updateScrollRange();
    if (!isVisible())
        return;
    const double scroll = verticalScrollBar()->value();
    m_counted = m_flow->tokensOf(m_flow->lineAt(scroll, pitch()), m_flow->lineAt(scroll + viewport()->height(), pitch()));
    const int step = m_selection->state().step;
    for (std::size_t k = 0; k < policies.size(); ++k) {
        Shares& shares = m_shares[k];
        shares.policy = policies[k];
        const auto& replays = m_data.replay->policies;
        if (shares.policy >= static_cast<int>(replays.size()) ||
            step >= replays[static_cast<std::size_t>(shares.policy)]->stepsDone)
            continue;
        const PolicyReplay& policy = *replays[static_cast<std::size_t>(shares.policy)];
        const Range counted{m_counted.begin, std::min(m_counted.end, policy.tokens)};
        shares.bytes.assign(static_cast<std::size_t>(m_counted.size()), kUnborn);
        if (counted.size() > 0)
            keptBytes(policy, lanesOf(m_data, m_selection->state(), shares.policy), step, counted.begin,
                      std::span(shares.bytes).first(static_cast<std::size_t>(counted.size())));
        shares.computed = true;
    }
}

void TextView::updateWords()
{
    const SelectionState& state = m_selection->state();
    QString subtitle, sentence = tr("No text yet");
    if (m_flow && m_flow->tokenCount() > 0) {
        subtitle = tr("at step %1").arg(grouped(state.step));
        const bool known = m_data.replay && state.focus < static_cast<int>(m_data.replay->policies.size());
        const PolicyReplay* policy = known ? m_data.replay->policies[static_cast<std::size_t>(state.focus)].get() : nullptr;
        if (policy)
            subtitle = tr("%1 %2").arg(policyTitle(*policy), subtitle);
        if (policy && state.step >= policy->stepsDone)
            subtitle += tr(" \u00B7 not computed yet");
        const int token = m_selection->hoverToken().value_or(state.token.value_or(state.step));
        sentence = tr("%1. Token %2, %3").arg(subtitle, grouped(token), tokenLabel(m_data, token, 40));
        if (policy && token <= state.step && token < policy->tokens && state.step < policy->stepsDone) {
            const LaneChoice choice = lanesOf(m_data, state, state.focus);
            std::array<std::uint16_t, 1> kept{};
            countKept(*policy, choice.lanes, state.step, token, kept);
            sentence += tr(", is kept in %1 of %2 lanes").arg(kept[0]).arg(choice.lanes.size());
        }
    }
    m_header->setSubtitle(subtitle);
    if (accessibleDescription() != sentence)
        setAccessibleDescription(sentence);
}

void TextView::placeChildren()
{
    const int header = scaled(34);
    const bool searching = !m_searchBar->isHidden();
    const QMargins margins(0, searching ? 2 * header : header, 0, 0);
    if (viewportMargins() != margins)
        setViewportMargins(margins);
    m_header->setGeometry(0, 0, viewport()->width(), header);
    m_searchBar->setGeometry(0, header, viewport()->width(), header);
    const bool pill = !m_follow && m_flow && m_flow->tokenCount() > 0;
    if (pill) {
        const QRect step = tokenRect(m_selection->state().step);
        m_pill->setLabel(step.top() < viewport()->height() / 2 ? tr("\u2191 Follow the step") : tr("\u2193 Follow the step"));
        const QSize size = m_pill->sizeHint().grownBy({6, 2, 6, 2});
        m_pill->setGeometry(QRect(QPoint((viewport()->width() - size.width()) / 2, height() - size.height() - scaled(12)), size));
        m_pill->raise();
    }
    m_pill->setVisible(pill);
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
    if (!m_scrollingSelf)
        m_follow = false;
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

QString TextView::copyableText() const
{
    if (!m_data.info)
        return {};
    const SelectionState& state = m_selection->state();
    const Range range = state.tokenRange.value_or(state.token ? Range{*state.token, *state.token + 1} : Range{});
    std::int32_t begin = -1, end = -1;
    for (int token = range.begin; token < range.end && token < static_cast<int>(m_data.info->offsets.size()); ++token) {
        const auto [first, last] = m_data.info->offsets[static_cast<std::size_t>(token)];
        if (first >= last)
            continue;
        begin = begin < 0 ? first : std::min(begin, first);
        end = std::max(end, last);
    }
    if (begin < 0 || end > static_cast<std::int32_t>(m_data.info->text.size()))
        return {};
    return QString::fromUtf8(m_data.info->text.data() + begin, end - begin);
}

} // namespace winnow::views
