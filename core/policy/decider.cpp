// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/decider.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

Decider::Decider(const Recipe& recipe, const LanePlace& place, const LaneVectors& vectors, const PromptChoice* atPromptEnd)
    : m_recipe(recipe), m_place(place), m_choice(atPromptEnd)
{
    if (recipe.scorer) {
        m_scorer = recipe.scorer->lane(place.prompt);
        m_scorer->attach(vectors);
    }
    if (recipe.reader) {
        m_reader = recipe.reader->lane(place.lane, place.readSlots);
        m_reader->attach(vectors);
    }
    m_leaving.resize(place.lifetimes.size(), 0);
    for (const std::int32_t step : place.lifetimes)
        if (step >= 0)
            ++m_leaving[static_cast<std::size_t>(step)];
    if (recipe.selector)
        m_selector = recipe.selector->lane(place.lane, place.slots - recipe.protection.slots());
}

Needs Decider::needs(int step, int occupied, bool asked) const
{
    if (!m_scorer)
        return {};
    const int promptLeft = m_place.prompt - 1 - step;
    return {.query = m_scorer->wantsQuery(promptLeft),
            .row = m_scorer->wantsRow(asked || mustGo(step, occupied) > 0, promptLeft),
            .shares = m_scorer->wantsShares()};
}

void Decider::look(int step) { m_scorer->look(step); }

void Decider::observe(int step, std::span<const std::int32_t> tokens, std::span<const float> row)
{
    m_scorer->observe(step, tokens, row);
}

int Decider::mustGo(int step, int occupied) const
{
    if (atPromptEnd(step))
        return static_cast<int>(m_choice->victims.size());
    if (!m_leaving.empty())
        return m_leaving[static_cast<std::size_t>(step)];
    return m_recipe.mayChoose(step, m_place.prompt) ? std::max(0, occupied - m_place.slots) : 0;
}

Decision Decider::decide(int step, int count, std::span<const std::int32_t> tokens, const LaneSlots& slots)
{
    if (atPromptEnd(step)) {
        WINNOW_CHECK(m_choice->scores.size() == tokens.size(), "{} live tokens at the prompt's end, {} were scored",
                     tokens.size(), m_choice->scores.size());
        m_scores.assign(m_choice->scores.begin(), m_choice->scores.end());
        if (m_scorer)
            m_scorer->chosenBeforehand(m_scores);
        return {.victims = m_choice->victims,
                .scores = m_scores,
                .merges = m_choice->merges,
                .begin = m_choice->begin,
                .end = m_choice->end};
    }
    if (!m_leaving.empty()) {
        m_victims.clear();
        for (std::size_t slot = 0; slot < tokens.size(); ++slot)
            if (m_place.lifetimes[static_cast<std::size_t>(tokens[slot])] == step)
                m_victims.push_back(static_cast<int>(slot));
        WINNOW_CHECK(static_cast<int>(m_victims.size()) == count, "{} tokens are to leave at step {}, {} are there", count, step,
                     m_victims.size());
        return {.victims = m_victims};
    }
    SlotChoice choice = choiceAt(step, count, tokens);
    if (m_scorer)
        choice.scores = m_scorer->scores(step, tokens);
    WINNOW_CHECK(choice.end - choice.begin >= count, "{} candidates for {} evictions", choice.end - choice.begin, count);
    m_selector->choose(choice, m_victims);
    WINNOW_CHECK(static_cast<int>(m_victims.size()) >= count && m_victims.front() >= choice.begin &&
                     m_victims.back() < choice.end,
                 "a selector chose slots that it may not choose");
    m_merges.clear();
    if (m_recipe.merges)
        m_selector->merges(slots, m_merges);
    return {.victims = m_victims,
            .scores = choice.scores,
            .merges = m_merges,
            .begin = choice.begin,
            .end = choice.end,
            .lostTo = m_selector->lostTo()};
}

SlotChoice Decider::choiceAt(int step, int count, std::span<const std::int32_t> tokens) const
{
    const Protection& protection = m_recipe.protection;
    const auto sinkEnd = std::lower_bound(tokens.begin(), tokens.end(), protection.sinks);
    return {.step = step,
            .positions = tokens,
            .begin = static_cast<int>(sinkEnd - tokens.begin()),
            .end = static_cast<int>(tokens.size()) - protection.recent - protection.window,
            .count = count};
}

Decision Decider::judge(int step, std::span<const std::int32_t> tokens)
{
    const SlotChoice choice = choiceAt(step, 0, tokens);
    return {.scores = m_scorer ? m_scorer->scores(step, tokens) : std::span<const double>(),
            .begin = choice.begin,
            .end = std::max(choice.begin, choice.end)};
}

void Decider::erased(std::span<const int> victims)
{
    if (m_scorer)
        m_scorer->erased(victims);
}

std::span<const int> Decider::pages(int step, int first, int pageTokens, std::span<const float> row)
{
    m_pages.clear();
    if (step >= m_place.prompt)
        m_reader->read(step, first, row, m_pages);
    else
        for (int page = first / pageTokens; page <= step / pageTokens; ++page)
            m_pages.push_back(page);
    return m_pages;
}

} // namespace winnow
