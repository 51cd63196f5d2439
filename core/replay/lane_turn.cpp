// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/lane_turn.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

LaneTurn::LaneTurn(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit,
                   const LaneVectors& vectors)
    : m_plan(plan), m_policy(policy), m_slots(policy.slotsOf(layer, unit)), m_cache(policy.recipe.positions),
      m_decider(policy.recipe,
                {.lane = plan.lane(layer, unit),
                 .prompt = plan.prompt,
                 .slots = m_slots,
                 .readSlots = policy.question.slots,
                 .lifetimes = policy.givenTo(layer, unit, plan.tokens)},
                vectors, policy.choice(layer, unit)),
      m_record(policy, result, layer, unit), m_pageTokens(result.pageTokens)
{
}

void LaneTurn::select(int step, std::span<const float> row)
{
    const int first = m_cache.tokens().front();
    const std::span<const int> pages = m_decider.pages(step, first, m_pageTokens, row);
    m_read.clear();
    for (const int page : pages) {
        WINNOW_CHECK(page >= first / m_pageTokens && page <= step / m_pageTokens,
                     "{} reads page {}, which is not there at step {}", m_policy.spec.name, page, step);
        for (int token = std::max(first, page * m_pageTokens); token <= std::min(step, (page + 1) * m_pageTokens - 1); ++token)
            m_read.push_back(token);
    }
    WINNOW_CHECK(!m_read.empty(), "{} reads nothing at step {}", m_policy.spec.name, step);
    m_record.read(step, pages);
    if (attendsToLess())
        m_firstEviction = std::min(m_firstEviction, step);
}

void LaneTurn::end(int step, int reach, const LaneSlots& slots, SlotHolder& holder)
{
    leaveWindow(step, reach, holder);
    if (const int count = m_decider.mustGo(step, static_cast<int>(m_cache.size())); count > 0)
        evict(step, count, slots, holder);
    else if (isJudged(step))
        m_watching(step, m_cache.tokens(), m_decider.judge(step, m_cache.tokens()));
    checkBudget(step);
    m_record.stored(step, m_cache.size());
}

void LaneTurn::leaveWindow(int step, int reach, SlotHolder& holder)
{
    const std::optional<int> slot = m_cache.hiddenAfter(step, reach);
    if (!slot)
        return;
    m_record.left(m_cache.token(*slot), step);
    const std::span<const int> victims(&*slot, 1);
    m_cache.leaveWindow(*slot);
    holder.erase(victims);
    m_decider.erased(victims);
    if (m_cache.moved())
        holder.moved(0);
}

void LaneTurn::evict(int step, int count, const LaneSlots& slots, SlotHolder& holder)
{
    const std::span<const std::int32_t> tokens = m_cache.tokens();
    const bool wasMoved = m_cache.moved();
    const Decision decision = m_decider.decide(step, count, tokens, slots);
    if (m_watching)
        m_watching(step, tokens, decision);
    m_record.evicted(step, tokens, decision);
    m_leaving.clear();
    for (const int victim : decision.victims)
        m_leaving.push_back(m_cache.token(victim));
    if (m_policy.recipe.merges)
        holder.merge(decision.merges);
    m_record.merged(m_leaving, m_cache.evict(decision.victims, decision.merges));
    holder.erase(decision.victims);
    m_decider.erased(decision.victims);
    m_firstEviction = std::min(m_firstEviction, step);
    const bool renumbered = m_policy.recipe.positions == PositionMode::Once && step == m_plan.prompt - 1;
    if (renumbered)
        m_cache.renumber();
    if (m_cache.moved())
        holder.moved(renumbered || !wasMoved ? 0 : static_cast<std::size_t>(decision.victims.front()));
}

void LaneTurn::checkBudget(int step) const
{
    const Recipe& recipe = m_policy.recipe;
    const int firstChoice = m_plan.firstChoice(), stored = static_cast<int>(m_cache.size());
    const int grown = recipe.acts == Acts::EndOfPrompt ? std::max(0, step - firstChoice) : recipe.every - 1;
    // What was decided beforehand may leave a prompt whole until the first choice of the steps.
    const int firstChecked = firstChoice + (recipe.acts == Acts::EveryStep && m_policy.decision ? recipe.every : 0);
    WINNOW_CHECK(step < firstChecked || recipe.acts == Acts::Never || stored <= m_slots + grown,
                 "{}: {} slots stored after step {}, budget {}", m_policy.spec.name, stored, step, m_slots + grown);
}

} // namespace winnow
