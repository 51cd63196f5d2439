// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/unit_at_work.h"

#include "core/kernels/row_kernels.h"
#include "core/replay/attention_block.h"
#include "core/replay/group_row.h"

#include <cmath>

namespace winnow {

namespace {

float logSumExp(std::span<const float> logits)
{
    const float largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit) - largest);
    return largest + static_cast<float>(std::log(sum));
}

} // namespace

UnitAtWork::UnitAtWork(const UnitPlace& place, int unit)
    : m_place(place), m_unit(unit), m_firstLane(unit * place.policy.lanesPerUnit()),
      m_vectors(place.plan.lane(place.layer, unit), place.info, place.policy, unit, place.held, place.queries),
      m_turn(place.plan, place.policy, place.result, place.layer, unit, m_vectors)
{
    m_vectors.follow(m_turn.cache());
}

void UnitAtWork::begin(int step, int index)
{
    m_step = step;
    m_index = index;
    m_vectors.show(index);
    m_turn.cache().append(step);
    Decider& decider = m_turn.decider();
    m_needs = decider.needs(step, static_cast<int>(m_turn.cache().size()));
    if (decider.selects())
        select();
    if (m_needs.query)
        decider.look(step);
    m_sawRow = false;
    if (m_needs.row)
        m_row.assign(m_turn.attended().size(), 0.0F);
}

void UnitAtWork::select()
{
    const std::span<const std::int32_t> tokens = m_turn.cache().tokens();
    std::vector<float> row;
    if (m_turn.decider().selectsByRow(m_step)) {
        row.assign(tokens.size(), 0.0F);
        for (int lane = 0; lane < m_place.policy.lanesPerUnit(); ++lane) {
            makeRows(lane, nullptr, tokens.size(), nullptr);
            for (int head = 0; head < heads(); ++head)
                addHeadRow(GroupReduction::Mean, m_place.policy.headsPerUnit,
                           std::span(m_rows).subspan(static_cast<std::size_t>(head) * tokens.size(), tokens.size()), 1, row);
        }
    }
    m_turn.select(m_step, row);
    m_selected.clear();
    for (const std::int32_t token : m_turn.attended()) // nothing was evicted, so that tokens lie one behind the other
        m_selected.push_back(token - tokens.front());
}

void UnitAtWork::makeRows(int lane, const std::int32_t* slots, std::size_t count, float* lse)
{
    const LaneCache& cache = m_turn.cache();
    const LayerInfo& info = m_place.info;
    const auto d = static_cast<std::size_t>(info.headDim), headCount = static_cast<std::size_t>(heads());
    const int firstHead = (m_firstLane + lane) * heads();
    const float* queries = m_place.queries.query(firstHead, m_index);
    std::size_t stride = m_place.queries.stride();
    if (cache.moved()) {
        m_queries.resize(headCount * d);
        for (std::size_t head = 0; head < headCount; ++head) {
            std::copy_n(m_place.queries.plainQuery(firstHead + static_cast<int>(head), m_index), d, &m_queries[head * d]);
            rotateRow(info.layout, m_place.table, cache.position(static_cast<int>(cache.size()) - 1), &m_queries[head * d]);
        }
        queries = m_queries.data();
        stride = d;
    }
    m_rows.resize(headCount * count);
    row_kernels::dotRows(queries, headCount, stride, m_place.held.keys(m_firstLane + lane, cache), slots, count, d,
                         m_rows.data());
    const double weight = m_place.policy.recipe.mergedLogit;
    for (std::size_t head = 0; head < headCount; ++head) {
        const std::span<float> row = std::span(m_rows).subspan(head * count, count);
        if (info.softcap > 0)
            for (float& logit : row)
                logit = capped(logit, info.softcap);
        if (weight != 0 && cache.merged())
            for (std::size_t slot = 0; slot < count; ++slot)
                row[slot] += static_cast<float>(weight * std::log(cache.tokensIn(static_cast<int>(slot))));
        if (lse)
            lse[static_cast<std::size_t>(firstHead) + head] = logSumExp(row);
        row_kernels::softmax(row.data(), count);
    }
}

void UnitAtWork::attend(float* outputs, float* lse)
{
    const bool selects = m_turn.decider().selects();
    const std::size_t count = m_turn.attended().size(), d = static_cast<std::size_t>(m_place.info.headDim);
    m_sawRow = true;
    const std::int32_t* slots = selects && m_turn.attendsToLess() ? m_selected.data() : nullptr;
    for (int lane = 0; lane < m_place.policy.lanesPerUnit(); ++lane) {
        makeRows(lane, slots, count, lse);
        for (int head = 0; m_needs.row && head < heads(); ++head)
            addHeadRow(m_place.policy.recipe.group, m_place.policy.headsPerUnit,
                       std::span(m_rows).subspan(static_cast<std::size_t>(head) * count, count), 1, m_row);
        if (outputs)
            row_kernels::weightedSum(m_rows.data(), static_cast<std::size_t>(heads()), count,
                                     m_place.held.values(m_firstLane + lane), slots, count, d,
                                     outputs + static_cast<std::size_t>((m_firstLane + lane) * heads()) * d);
    }
}

void UnitAtWork::seeTile(int hidden)
{
    const std::size_t count = m_turn.attended().size();
    for (int head = m_unit * m_place.policy.headsPerUnit; head < (m_unit + 1) * m_place.policy.headsPerUnit; ++head) {
        const std::span<float> row(m_place.queries.tileRow(head, m_index) + hidden, count);
        row_kernels::softmax(row.data(), count);
        addHeadRow(m_place.policy.recipe.group, m_place.policy.headsPerUnit, row, 1, m_row);
    }
}

void UnitAtWork::end()
{
    if (m_needs.row)
        m_turn.decider().observe(m_step, m_turn.cache().tokens(), m_row);
    m_turn.end(m_step, m_place.info.window, RunSlots(m_vectors, m_turn.cache()), *this);
}

void UnitAtWork::merge(std::span<const Merge> merges)
{
    for (int lane = m_firstLane; lane < m_firstLane + m_place.policy.lanesPerUnit(); ++lane) {
        for (const Merge& merge : merges)
            m_place.store.merge(lane, merge);
        m_place.held.changed(lane);
    }
}

void UnitAtWork::erase(std::span<const int> victims)
{
    for (int lane = m_firstLane; lane < m_firstLane + m_place.policy.lanesPerUnit(); ++lane) {
        m_place.store.erase(lane, victims);
        m_place.held.changed(lane);
    }
}

void UnitAtWork::moved(std::size_t)
{
    for (int lane = m_firstLane; lane < m_firstLane + m_place.policy.lanesPerUnit(); ++lane)
        m_place.held.changed(lane);
}

} // namespace winnow
