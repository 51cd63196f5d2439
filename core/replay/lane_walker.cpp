// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/lane_walker.h"

#include "core/replay/group_row.h"

#include <algorithm>

namespace winnow {

LaneWalker::LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit)
    : m_plan(plan), m_policy(policy), m_slots(policy.slotsOf(layer, unit)), m_rows(plan, policy, unit),
      m_vectors(plan.lane(layer, unit), m_rows.firstHead(), m_rows.firstKeyHead(), policy.headsPerUnit, m_rows.keyHeads(),
                policy.foreseenBy(layer, unit)),
      m_turn(plan, policy, result, layer, unit, m_vectors), m_moved(m_rows.firstKeyHead(), m_rows.keyHeads())
{
}

void LaneWalker::walk(const LayerKeys& keys, const QueryBlock& block, int end)
{
    for (int step = block.begin; step < std::min(block.end, end); ++step)
        walkStep({keys, block, step});
}

void LaneWalker::walkStep(const RecordedStep& at)
{
    const int step = at.step;
    LaneCache& cache = m_turn.cache();
    Decider& decider = m_turn.decider();
    m_keys = &at.keys;
    m_vectors.show(at.keys, at.block, step);
    cache.append(step);
    if (m_merged)
        m_merged->append([&](int head) { return m_vectors.key(head, step); },
                         [&](int head) { return m_vectors.value(head, step); });
    if (cache.moved())
        moved(cache.size() - 1);
    const Needs needs = decider.needs(step, static_cast<int>(cache.size()), m_turn.isJudged(step));
    if (decider.selects())
        select(at);
    if (needs.query)
        decider.look(step);
    if (needs.row || m_turn.attendsToLess())
        attend(at, needs);
    if (!m_turn.attendsToLess())
        for (int lane = 0; lane < m_policy.lanesPerUnit(); ++lane)
            m_turn.record().metrics(lane, step, 1, 0);
    m_turn.end(step, at.keys.info.window, RecordedSlots(m_vectors, cache, m_merged ? &*m_merged : nullptr), *this);
}

void LaneWalker::select(const RecordedStep& at)
{
    const std::span<const std::int32_t> tokens = m_turn.cache().tokens();
    m_row.clear();
    if (m_turn.decider().selectsByRow(at.step)) {
        m_row.assign(tokens.size(), 0.0F);
        for (int head = m_rows.firstHead(); head < m_rows.firstHead() + m_policy.headsPerUnit; head += m_rows.sharing()) {
            m_rows.recorded(at, head, tokens);
            for (int i = 0; i < m_rows.sharing(); ++i)
                row_kernels::addScaled(m_rows.row(i).data(), tokens.size(),
                                       m_rows.mass(i) / static_cast<float>(m_policy.headsPerUnit), m_row.data());
        }
    }
    m_turn.select(at.step, m_row);
}

void LaneWalker::attend(const RecordedStep& at, const Needs& needs)
{
    const int perLane = m_policy.headsPerLane;
    const std::span<const std::int32_t> tokens = m_turn.attended();
    const bool less = m_turn.attendsToLess();
    if (needs.row)
        m_row.assign(tokens.size(), 0.0F);
    double mass = 0, error = 0; // of the present lane, which is one head or all that share
    for (int head = 0; head < m_policy.headsPerUnit; head += m_rows.sharing()) {
        m_rows.recorded(at, m_rows.firstHead() + head, tokens);
        if (less)
            compareOutputs(at, m_rows.firstHead() + head);
        for (int i = 0; i < m_rows.sharing(); ++i) {
            const std::span<const float> row = m_rows.row(i);
            if (needs.row)
                addHeadRow(m_policy.recipe.group, m_policy.headsPerUnit, row, needs.shares ? m_rows.mass(i) : 1.0F, m_row);
            if (!less)
                continue;
            mass += std::min(m_rows.mass(i), 1.0F);
            error += m_rows.error(i);
            if ((head + i + 1) % perLane == 0) {
                m_turn.record().metrics((head + i) / perLane, at.step, static_cast<float>(mass / perLane),
                                        static_cast<float>(error / perLane));
                mass = error = 0;
            }
        }
    }
    if (needs.row)
        m_turn.decider().observe(at.step, m_turn.cache().tokens(), m_row);
}

void LaneWalker::compareOutputs(const RecordedStep& at, int head)
{
    const MergedRows* merged = m_merged ? &*m_merged : nullptr;
    if (m_turn.cache().moved())
        m_rows.moved(at, head, m_turn.cache(), m_moved);
    else if (merged)
        m_rows.merged(at, head, m_turn.cache(), *merged);
    m_rows.outputs(at, head, m_turn.attended(), merged);
}

void LaneWalker::merge(std::span<const Merge> merges)
{
    if (!m_merged) {
        const LaneCache& cache = m_turn.cache();
        m_merged.emplace(m_rows.keyHeads(), m_keys->info.headDim, cache.size());
        for (const std::int32_t token : cache.tokens())
            m_merged->append([&](int head) { return m_vectors.key(head, token); },
                             [&](int head) { return m_vectors.value(head, token); });
    }
    for (const Merge& merge : merges)
        m_merged->apply(merge);
}

void LaneWalker::erase(std::span<const int> victims)
{
    if (m_merged)
        m_merged->erase(victims);
}

void LaneWalker::moved(std::size_t slot) { m_moved.rotateFrom(*m_keys, m_turn.cache(), slot, static_cast<std::size_t>(m_slots)); }

} // namespace winnow
