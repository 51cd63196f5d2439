// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evicting_layer.h"

#include "core/base/check.h"
#include "core/kernels/row_kernels.h"
#include "core/replay/lane_rows.h"
#include "core/trace/torch_parallel.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

using Clock = std::chrono::steady_clock;

/// Multiplications of a step beyond which units work side by side.
constexpr std::int64_t kWorthThreads = 1 << 18;

constexpr int kSpareShare = 32; ///< slots are this part more than needed, so that a lane's front moves only now and then

/// Slots that a unit's lanes may ever hold, to take room for no more.
int mostSlots(const LayerPlace& place, int unit)
{
    const PolicyPlan& policy = place.policy;
    if (policy.recipe.acts != Acts::EveryStep)
        return place.plan.tokens;
    const int slots = policy.slotsOf(place.layer, unit);
    return std::min(place.plan.tokens, slots + policy.recipe.every + slots / kSpareShare);
}

} // namespace

void EvictingLayer::settleIn(const CacheRows& rows)
{
    std::vector<int> most;
    for (int lane = 0; lane < m_place.policy.lanes; ++lane)
        most.push_back(mostSlots(m_place, lane / m_place.policy.lanesPerUnit()));
    m_store = std::make_unique<SlotStore>(most, rows.keys.size(2), rows.turnedKeys.options(), m_place.tools.bytes);
    if (const int prompt = m_place.plan.prompt, window = m_place.info.window; prompt > 0)
        m_store->reserve(window > 0 ? std::min<std::int64_t>(prompt, window + rows.keys.size(1) - 1) : prompt);
    for (int unit = 0; unit < m_place.policy.units; ++unit)
        m_units.push_back(std::make_unique<UnitAtWork>(UnitPlace{.plan = m_place.plan,
                                                                 .policy = m_place.policy,
                                                                 .result = m_place.result,
                                                                 .layer = m_place.layer,
                                                                 .info = m_place.info,
                                                                 .table = m_place.table,
                                                                 .store = *m_store,
                                                                 .held = m_place.tools.held,
                                                                 .queries = m_place.tools.queries},
                                                       unit));
}

void EvictingLayer::append(const CacheRows& rows)
{
    if (!m_store)
        settleIn(rows);
    const std::int64_t copies = m_place.policy.lanes / rows.keys.size(0); // a lane of its own for every query head
    const auto laid = [&](const at::Tensor& heads) { return copies == 1 ? heads : heads.repeat_interleave(copies, 0); };
    m_store->append(laid(keepsPositions() ? rows.turnedKeys : rows.keys), laid(rows.values));
}

at::Tensor EvictingLayer::wholeKeys() const
{
    if (keepsPositions() || m_place.table.pairs == 0)
        return m_store->allKeys();
    const at::Tensor keys = m_store->allKeys();
    at::Tensor floats = keys.to(at::kCPU, at::kFloat).clone(at::MemoryFormat::Contiguous);
    const LaneCache& cache = m_units.front()->turn().cache();
    rotate(m_place.info, m_place.table, {floats.data_ptr<float>(), static_cast<std::size_t>(floats.numel())},
           static_cast<int>(floats.size(0)), cache.size() == 0 ? 0 : cache.token(0));
    return floats.to(keys.device(), keys.scalar_type());
}

AttentionResult EvictingLayer::attend(const CacheRows& rows, const AttentionRule& rule, bool wantLse)
{
    const int count = static_cast<int>(rows.queries.size(1));
    look(rows);
    const auto wholeAttention = [&] {
        return causalAttention(rows.turnedQueries, wholeKeys(), m_store->allValues(), rule, wantLse);
    };
    AttentionResult result;
    if (count > 1) {
        result = wholeAttention();
        const auto begun = Clock::now();
        runTogether(count);
        m_times.deciding = Clock::now() - begun;
    } else {
        const auto begun = Clock::now();
        for (const auto& unit : m_units)
            unit->begin(m_step, 0);
        const auto looked = Clock::now();
        if (std::any_of(m_units.begin(), m_units.end(), [](const auto& unit) { return unit->needsOwnAttention(); }))
            result = laneAttention(rows, wantLse);
        else
            result = wholeAttention();
        const auto attended = Clock::now();
        if (m_step < m_place.plan.prompt)
            noteWhole(m_step);
        else if (m_place.full)
            measure(result.output);
        const auto measured = Clock::now();
        learn();
        m_times.deciding = looked - begun + (Clock::now() - measured);
        m_times.measuring = measured - attended;
    }
    passed(count);
    return result;
}

void EvictingLayer::passed(int count)
{
    m_step += count;
    if (m_step >= m_place.plan.prompt)
        m_store->fit();
}

void EvictingLayer::see(const CacheRows& rows)
{
    const int count = static_cast<int>(rows.queries.size(1));
    look(rows);
    if (count > 1) {
        runTogether(count);
    } else {
        for (const auto& unit : m_units)
            unit->begin(m_step, 0);
        noteWhole(m_step);
        learn();
    }
    passed(count);
}

void EvictingLayer::look(const CacheRows& rows)
{
    m_times = {};
    m_place.tools.held.look(m_place.info, m_place.table, *m_store, keepsPositions());
    m_place.tools.queries.show(m_place.info, rows.queries, rows.turnedQueries);
}

void EvictingLayer::learn()
{
    for (const auto& unit : m_units) {
        if (unit->wantsRow() && !unit->sawRow())
            unit->attend(nullptr, nullptr);
        unit->end();
    }
}

AttentionResult EvictingLayer::laneAttention(const CacheRows& rows, bool wantLse)
{
    const at::TensorOptions floats(at::kFloat);
    const std::int64_t heads = rows.queries.size(0);
    const at::Tensor outputs = at::empty({heads, 1, rows.queries.size(2)}, floats);
    const at::Tensor lse = wantLse ? at::empty({heads, 1}, floats) : at::Tensor();
    float *const to = outputs.data_ptr<float>(), *const toLse = wantLse ? lse.data_ptr<float>() : nullptr;
    std::int64_t slots = 0;
    for (int lane = 0; lane < m_store->lanes(); ++lane)
        slots += m_store->size(lane);
    if (slots * m_place.policy.headsPerLane * rows.queries.size(2) < kWorthThreads)
        for (const auto& unit : m_units)
            unit->attend(to, toLse);
    else
        torchParallelFor(m_units.size(), [&](std::size_t unit) { m_units[unit]->attend(to, toLse); });
    return {outputs.to(rows.queries.device(), rows.queries.scalar_type()), wantLse ? lse.to(rows.queries.device()) : lse};
}

void EvictingLayer::runTogether(int count)
{
    int hidden = 0; // by the sliding window, since the tile was made
    for (int index = 0; index < count; ++index) {
        for (const auto& unit : m_units)
            unit->begin(m_step + index, index);
        const bool wanted = std::any_of(m_units.begin(), m_units.end(), [](const auto& unit) { return unit->wantsRow(); });
        if (wanted && !m_place.tools.queries.hasTile()) {
            m_place.tools.queries.makeTile(wholeKeys());
            hidden = 0;
        }
        const std::size_t before = static_cast<std::size_t>(m_store->size(0));
        for (const auto& unit : m_units) {
            WINNOW_CHECK(!unit->needsOwnAttention(), "tokens run together after something was evicted, at step {}", m_step);
            if (unit->wantsRow())
                unit->seeTile(hidden);
            unit->end();
        }
        noteWhole(m_step + index);
        hidden += static_cast<int>(before) - m_store->size(0);
    }
}

void EvictingLayer::noteWhole(int step)
{
    for (const auto& unit : m_units)
        for (int lane = 0; lane < m_place.policy.lanesPerUnit(); ++lane)
            unit->record().metrics(lane, step, 1, 0);
}

void EvictingLayer::measure(const at::Tensor& output)
{
    const FullStep& full = *m_place.full;
    WINNOW_CHECK(full.step == m_step, "the full cache is at step {}, this one at {}", full.step, m_step);
    const at::Tensor floats = output.to(at::kCPU, at::kFloat).contiguous();
    const auto d = static_cast<std::size_t>(m_place.info.headDim);
    const int perLane = m_place.policy.headsPerLane, perUnit = m_place.policy.headsPerUnit;
    std::vector<float> probabilities;
    for (std::size_t unit = 0; unit < m_units.size(); ++unit) {
        const LaneTurn& turn = m_units[unit]->turn();
        const std::span<const std::int32_t> tokens = turn.attended();
        probabilities.resize(tokens.size());
        for (int lane = 0; lane < m_place.policy.lanesPerUnit(); ++lane) {
            double mass = 0, error = 0;
            for (int i = 0; i < perLane; ++i) {
                const int head = static_cast<int>(unit) * perUnit + lane * perLane + i;
                mass +=
                    turn.attendsToLess()
                        ? std::min(row_kernels::gather(full.row(head), tokens.data(), tokens.size(), probabilities.data()), 1.0F)
                        : 1.0F;
                const std::size_t at = static_cast<std::size_t>(head) * d;
                error += outputError(floats.const_data_ptr<float>() + at, &full.outputs[at], d);
            }
            m_units[unit]->record().metrics(lane, m_step, static_cast<float>(mass / perLane),
                                            static_cast<float>(error / perLane));
        }
    }
}

std::int32_t EvictingLayer::firstEviction() const
{
    std::int32_t first = std::numeric_limits<std::int32_t>::max();
    for (const auto& unit : m_units)
        first = std::min(first, unit->turn().firstEviction());
    return first;
}

} // namespace winnow
