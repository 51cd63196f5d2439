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
    for (int step = block.begin; step < std::min(block.end, end);) {
        const int calm = calmSteps(keys, block, step, std::min(block.end, end));
        if (calm > 0)
            walkCalm({keys, block, step}, calm);
        else
            walkStep({keys, block, step});
        step += std::max(1, calm);
    }
}

int LaneWalker::calmSteps(const LayerKeys& keys, const QueryBlock& block, int step, int end) const
{
    constexpr int kFewest = 8; // below this, laying out the keys costs more than it spares
    constexpr int kMost = 64;
    const LaneCache& cache = m_turn.cache();
    const Decider& decider = m_turn.decider();
    if (block.hasTile || !m_turn.attendsToLess() || decider.selects() || m_merged || cache.moved() || keys.info.window > 0)
        return 0;
    const int size = static_cast<int>(cache.size()), most = std::min(kMost, end - step);
    const auto isCalm = [&](int at, int occupied) {
        return !m_turn.isJudged(at) && decider.mustGo(at, occupied) == 0 && !decider.needs(at, occupied).row;
    };
    int count = 0;
    while (count < most && isCalm(step + count, size + count + 1))
        ++count;
    return count >= kFewest ? count : 0;
}

void LaneWalker::walkCalm(const RecordedStep& first, int count)
{
    static thread_local KeyColumns columns; // walkers take turns on a thread; each would hold its keys twice
    LaneCache& cache = m_turn.cache();
    const std::size_t steps = static_cast<std::size_t>(count), before = cache.size(),
                      lanes = static_cast<std::size_t>(m_policy.lanesPerUnit());
    m_ahead.assign(cache.tokens().begin(), cache.tokens().end());
    for (int i = 0; i < count; ++i)
        m_ahead.push_back(first.step + i);
    m_sums.assign(2 * lanes * steps, 0.0);
    for (int head = 0; head < m_policy.headsPerUnit; head += m_rows.sharing()) {
        columns.layOut(first.keys, (m_rows.firstHead() + head) / m_plan.group(), m_ahead);
        for (int begin = 0; begin < count; begin += LaneRows::kTogether) {
            const int some = std::min(LaneRows::kTogether, count - begin);
            m_rows.together({first.keys, first.block, first.step + begin}, some, m_rows.firstHead() + head,
                            std::span(m_ahead).first(before + static_cast<std::size_t>(begin + some)), columns);
            for (int i = 0; i < m_rows.sharing(); ++i)
                for (int n = 0; n < some; ++n) {
                    const auto lane = static_cast<std::size_t>((head + i) / m_policy.headsPerLane);
                    const std::size_t cell = lane * steps + static_cast<std::size_t>(begin + n);
                    m_sums[cell] += std::min(m_rows.mass(i, n), 1.0F);
                    m_sums[lanes * steps + cell] += m_rows.error(i, n);
                }
        }
    }
    for (int i = 0; i < count; ++i) {
        const int step = first.step + i;
        m_keys = &first.keys;
        m_vectors.show(first.keys, first.block, step);
        cache.append(step);
        if (m_turn.decider().needs(step, static_cast<int>(cache.size())).query)
            m_turn.decider().look(step);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const double *masses = &m_sums[lane * steps], *errors = masses + lanes * steps;
            m_turn.record().metrics(static_cast<int>(lane), step, static_cast<float>(masses[i] / m_policy.headsPerLane),
                                    static_cast<float>(errors[i] / m_policy.headsPerLane));
        }
        m_turn.end(step, first.keys.info.window, RecordedSlots(m_vectors, cache, nullptr), *this);
    }
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
