// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/lane_walker.h"

#include "core/base/check.h"
#include "core/kernels/row_kernels.h"

#include <algorithm>

namespace winnow {

LaneWalker::LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit)
    : m_plan(plan), m_policy(policy), m_slots(policy.slotsOf(layer, unit)), m_cache(policy.recipe.positions),
      m_rows(plan, policy, unit), m_vectors(plan.lane(layer, unit), m_rows.firstHead(), m_rows.firstKeyHead(),
                                            policy.headsPerUnit, m_rows.keyHeads(), policy.foreseenBy(layer, unit)),
      m_decider(policy.recipe,
                {.lane = plan.lane(layer, unit),
                 .prompt = plan.prompt,
                 .slots = m_slots,
                 .readSlots = policy.question.slots,
                 .lifetimes = policy.givenTo(layer, unit, plan.tokens)},
                m_vectors, policy.choice(layer, unit)),
      m_record(policy, result, layer, unit), m_moved(m_rows.firstKeyHead(), m_rows.keyHeads()), m_pageTokens(result.pageTokens)
{
}

void LaneWalker::walk(const LayerKeys& keys, const QueryBlock& block)
{
    for (int step = block.begin; step < block.end; ++step)
        walkStep({keys, block, step});
}

void LaneWalker::walkStep(const RecordedStep& at)
{
    const int step = at.step;
    m_vectors.show(at.keys, at.block, step);
    m_cache.append(step);
    if (m_merged)
        m_merged->append([&](int head) { return m_vectors.key(head, step); },
                         [&](int head) { return m_vectors.value(head, step); });
    if (m_cache.moved())
        m_moved.rotateFrom(at.keys, m_cache, m_cache.size() - 1, static_cast<std::size_t>(m_slots));
    const Needs needs = m_decider.needs(step, static_cast<int>(m_cache.size()));
    if (m_decider.selects())
        select(at);
    if (needs.query)
        m_decider.look(step);
    if (needs.row || attendsToLess())
        attend(at, needs);
    if (!attendsToLess())
        for (int lane = 0; lane < m_policy.lanesPerUnit(); ++lane)
            m_record.metrics(lane, step, 1, 0);
    leaveWindow(at);
    if (const int count = m_decider.mustGo(step, static_cast<int>(m_cache.size())); count > 0)
        evict(at, count);
    checkBudget(step);
    m_record.stored(step, m_cache.size());
}

void LaneWalker::checkBudget(int step) const
{
    const Recipe& recipe = m_policy.recipe;
    const int firstChoice = m_plan.firstChoice(), stored = static_cast<int>(m_cache.size());
    const int grown = recipe.acts == Acts::EndOfPrompt ? std::max(0, step - firstChoice) : recipe.every - 1;
    // What was decided beforehand may leave a prompt whole until the first choice of the steps.
    const int firstChecked = firstChoice + (recipe.acts == Acts::EveryStep && m_policy.decision ? recipe.every : 0);
    WINNOW_CHECK(step < firstChecked || recipe.acts == Acts::Never || stored <= m_slots + grown,
                 "{}: {} slots stored after step {}, budget {}", m_policy.spec.name, stored, step, m_slots + grown);
}

void LaneWalker::select(const RecordedStep& at)
{
    const std::span<const std::int32_t> tokens = m_cache.tokens();
    const int first = tokens.front();
    m_row.clear();
    if (m_decider.selectsByRow(at.step)) {
        m_row.assign(tokens.size(), 0.0F);
        for (int head = m_rows.firstHead(); head < m_rows.firstHead() + m_policy.headsPerUnit; head += m_rows.sharing()) {
            m_rows.recorded(at, head, tokens);
            for (int i = 0; i < m_rows.sharing(); ++i)
                row_kernels::addScaled(m_rows.row(i).data(), tokens.size(),
                                       m_rows.mass(i) / static_cast<float>(m_policy.headsPerUnit), m_row.data());
        }
    }
    const std::span<const int> pages = m_decider.pages(at.step, first, m_pageTokens, m_row);
    m_read.clear();
    for (const int page : pages) {
        WINNOW_CHECK(page >= first / m_pageTokens && page <= at.step / m_pageTokens,
                     "{} reads page {}, which is not there at step {}", m_policy.spec.name, page, at.step);
        for (int token = std::max(first, page * m_pageTokens); token <= std::min(at.step, (page + 1) * m_pageTokens - 1); ++token)
            m_read.push_back(token);
    }
    WINNOW_CHECK(!m_read.empty(), "{} reads nothing at step {}", m_policy.spec.name, at.step);
    m_record.read(at.step, pages);
    if (attendsToLess())
        m_firstEviction = std::min(m_firstEviction, at.step);
}

void LaneWalker::attend(const RecordedStep& at, const Needs& needs)
{
    const GroupReduction group = m_policy.recipe.group;
    const int perLane = m_policy.headsPerLane;
    const std::span<const std::int32_t> tokens = attended();
    const bool less = attendsToLess();
    if (needs.row)
        m_row.assign(tokens.size(), 0.0F);
    const float share = group == GroupReduction::Mean ? 1.0F / static_cast<float>(m_policy.headsPerUnit) : 1.0F;
    double mass = 0, error = 0; // of the present lane, which is one head or all that share
    for (int head = 0; head < m_policy.headsPerUnit; head += m_rows.sharing()) {
        m_rows.recorded(at, m_rows.firstHead() + head, tokens);
        if (less)
            compareOutputs(at, m_rows.firstHead() + head);
        for (int i = 0; i < m_rows.sharing(); ++i) {
            const std::span<const float> row = m_rows.row(i);
            if (needs.row && group == GroupReduction::Max)
                std::transform(row.begin(), row.end(), m_row.begin(), m_row.begin(),
                               [](float a, float b) { return std::max(a, b); });
            else if (needs.row)
                row_kernels::addScaled(row.data(), row.size(), needs.shares ? share * m_rows.mass(i) : share, m_row.data());
            if (!less)
                continue;
            mass += std::min(m_rows.mass(i), 1.0F);
            error += m_rows.error(i);
            if ((head + i + 1) % perLane == 0) {
                m_record.metrics((head + i) / perLane, at.step, static_cast<float>(mass / perLane),
                                 static_cast<float>(error / perLane));
                mass = error = 0;
            }
        }
    }
    if (needs.row)
        m_decider.observe(at.step, m_cache.tokens(), m_row);
}

void LaneWalker::compareOutputs(const RecordedStep& at, int head)
{
    const MergedRows* merged = m_merged ? &*m_merged : nullptr;
    if (m_cache.moved())
        m_rows.moved(at, head, m_cache, m_moved);
    else if (merged)
        m_rows.merged(at, head, m_cache, *merged);
    m_rows.outputs(at, head, attended(), merged);
}

void LaneWalker::leaveWindow(const RecordedStep& at)
{
    const std::optional<int> slot = m_cache.hiddenAfter(at.step, at.keys.info.window);
    if (!slot)
        return;
    m_record.left(m_cache.token(*slot), at.step);
    const std::span<const int> victims(&*slot, 1);
    m_cache.leaveWindow(*slot);
    if (m_merged)
        m_merged->erase(victims);
    m_decider.erased(victims);
    if (m_cache.moved())
        m_moved.rotateFrom(at.keys, m_cache, 0, static_cast<std::size_t>(m_slots));
}

void LaneWalker::evict(const RecordedStep& at, int count)
{
    const std::span<const std::int32_t> tokens = m_cache.tokens();
    const bool wasMoved = m_cache.moved();
    const Decision decision =
        m_decider.decide(at.step, count, tokens, RecordedSlots(m_vectors, m_cache, m_merged ? &*m_merged : nullptr));
    m_record.evicted(at.step, tokens, decision.victims, decision.scores);
    m_leaving.clear();
    for (const int victim : decision.victims)
        m_leaving.push_back(m_cache.token(victim));
    if (m_policy.recipe.merges)
        applyMerges(at, decision);
    m_record.merged(m_leaving, m_cache.evict(decision.victims, decision.merges));
    m_decider.erased(decision.victims);
    m_firstEviction = std::min(m_firstEviction, at.step);
    const bool renumbered = m_policy.recipe.positions == PositionMode::Once && at.step == m_plan.prompt - 1;
    if (renumbered)
        m_cache.renumber();
    if (m_cache.moved())
        m_moved.rotateFrom(at.keys, m_cache, renumbered || !wasMoved ? 0 : static_cast<std::size_t>(decision.victims.front()),
                           static_cast<std::size_t>(m_slots));
}

void LaneWalker::applyMerges(const RecordedStep& at, const Decision& decision)
{
    if (!m_merged) {
        m_merged.emplace(m_rows.keyHeads(), at.keys.info.headDim, m_cache.size());
        for (const std::int32_t token : m_cache.tokens())
            m_merged->append([&](int head) { return m_vectors.key(head, token); },
                             [&](int head) { return m_vectors.value(head, token); });
    }
    for (const Merge& merge : decision.merges)
        m_merged->apply(merge);
    m_merged->erase(decision.victims);
}

} // namespace winnow
