#include "core/replay/lane_walker.h"

#include "core/base/check.h"
#include "core/kernels/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

/// Below this much of the full row on the live slots, the quotient of two tiny numbers says too little; the softmax is then
/// taken over the logits themselves.
constexpr float kLeastMass = 1e-20F;

} // namespace

LaneWalker::LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit)
    : m_plan(plan), m_policy(policy), m_result(result), m_layer(layer), m_unit(unit), m_slots(policy.slotsOf(layer, unit))
{
    const Recipe& recipe = policy.recipe;
    headDim = plan.headDim;
    queryHeads = policy.headsPerUnit;
    keyHeads = std::max(1, policy.headsPerUnit / plan.group());
    if (recipe.scorer) {
        m_scorer = recipe.scorer->lane(plan.prompt);
        m_scorer->attach(*this);
    }
    if (recipe.reader) {
        m_reader = recipe.reader->lane(plan.unit(layer, unit), policy.question.slots);
        m_reader->attach(*this);
    }
    if (recipe.selector)
        m_selector = recipe.selector->lane(plan.unit(layer, unit), policy.regionSlots(layer, unit));
}

const float* LaneWalker::key(int keyHead, std::int32_t token) const { return m_keys->key(firstKeyHead() + keyHead, token); }

const float* LaneWalker::value(int keyHead, std::int32_t token) const
{
    return m_keys->valueHead(firstKeyHead() + keyHead) + static_cast<std::size_t>(token) * static_cast<std::size_t>(m_plan.headDim);
}

const float* LaneWalker::query(int queryHead) const
{
    return &m_block->queries[m_block->row(m_unit * m_policy.headsPerUnit + queryHead, m_step) * static_cast<std::size_t>(m_plan.headDim)];
}

std::span<const double> LaneWalker::foreseen() const
{
    const auto unit = static_cast<std::size_t>(m_layer) * m_policy.units + m_unit;
    return unit < m_policy.foreseen.size() ? std::span<const double>(m_policy.foreseen[unit]) : std::span<const double>();
}

void LaneWalker::walk(const LayerKeys& keys, const QueryBlock& block)
{
    const Recipe& recipe = m_policy.recipe;
    const int firstChoice = m_plan.firstChoice();
    m_keys = &keys;
    m_block = &block;
    softcap = keys.info.softcap;
    for (int step = block.begin; step < block.end; ++step) {
        m_positions.push_back(step);
        m_step = step;
        if (m_merged)
            m_merged->append(*this, step);
        if (!m_assigned.empty())
            m_assigned.push_back(m_nextPosition++);
        if (m_reader)
            readPages(keys, block, step);
        if (m_scorer && m_scorer->wantsQuery(m_plan.prompt - 1 - step))
            m_scorer->look(step);
        const bool mayChoose = recipe.mayChoose(step, m_plan.prompt);
        const bool mayEvict = mayChoose && static_cast<int>(m_positions.size()) > m_slots;
        const bool wantsRow = m_scorer && m_scorer->wantsRow(mayEvict, m_plan.prompt - 1 - step);
        if (turned())
            rotateFrom(keys, m_positions.size() - 1);
        if (wantsRow || m_lost)
            attend(keys, block, step, wantsRow);
        if (!m_lost) {
            for (int lane = firstLane(); lane < firstLane() + m_policy.lanesPerUnit(); ++lane) {
                m_result.mass[cell(lane, step)] = 1;
                m_result.error[cell(lane, step)] = 0;
            }
        }
        leaveWindow(keys, step);
        if (const int excess = static_cast<int>(m_positions.size()) - m_slots; mayChoose && excess > 0)
            evict(keys, step, choose(step, excess));

        const int stored = static_cast<int>(m_positions.size());
        const int grown = recipe.acts == Acts::EndOfPrompt ? std::max(0, step - firstChoice) : recipe.every - 1;
        WINNOW_CHECK(step < firstChoice || recipe.acts == Acts::Never || stored <= m_slots + grown, "{}: {} slots stored after step {}, budget {}",
                     m_policy.spec.name, stored, step, m_slots + grown);
        for (int lane = firstLane(); lane < firstLane() + m_policy.lanesPerUnit(); ++lane)
            m_result.occupancy[cell(lane, step)] = stored;
    }
}

void LaneWalker::readPages(const LayerKeys& keys, const QueryBlock& block, int step)
{
    const int page = m_result.pageTokens, first = m_positions.front();
    m_pages.clear();
    if (step < m_plan.prompt) {
        for (int p = first / page; p <= step / page; ++p)
            m_pages.push_back(p);
    } else {
        if (m_reader->wantsRow()) {
            m_read = m_positions;
            m_unitRow.assign(m_read.size(), 0.0F);
            for (int first = firstHead(); first < firstHead() + m_policy.headsPerUnit; first += sharing()) {
                liveRows(keys, block, first, step);
                for (int head = 0; head < sharing(); ++head)
                    row_kernels::addScaled(row(head), m_read.size(), m_masses[static_cast<std::size_t>(head)] / static_cast<float>(m_policy.headsPerUnit),
                                           m_unitRow.data());
            }
        }
        m_reader->read(step, first, m_unitRow, m_pages);
    }
    m_read.clear();
    for (const int p : m_pages) {
        WINNOW_CHECK(p >= first / page && p <= step / page, "{} reads page {}, which is not there at step {}", m_policy.spec.name, p, step);
        for (int token = std::max(first, p * page); token <= std::min(step, (p + 1) * page - 1); ++token)
            m_read.push_back(token);
    }
    for (int lane = firstLane(); lane < firstLane() + m_policy.lanesPerUnit(); ++lane)
        markRead(m_result, m_layer, lane, step, m_pages);
    WINNOW_CHECK(!m_read.empty(), "{} reads nothing at step {}", m_policy.spec.name, step);
    m_lost = m_read.size() < m_positions.size();
    if (m_lost)
        m_firstEviction = std::min(m_firstEviction, step);
}

void LaneWalker::attend(const LayerKeys& keys, const QueryBlock& block, int step, bool wantsRow)
{
    const Recipe& recipe = m_policy.recipe;
    const int perLane = m_policy.headsPerLane;
    const std::size_t slots = attended().size();
    if (wantsRow)
        m_unitRow.assign(slots, 0.0F);
    const float share = recipe.group == GroupReduction::Mean ? 1.0F / static_cast<float>(m_policy.headsPerUnit) : 1.0F;
    double mass = 0, error = 0; // of the present lane, which is one head or all that share
    for (int first = firstHead(); first < firstHead() + m_policy.headsPerUnit; first += sharing()) {
        liveRows(keys, block, first, step);
        if (m_lost) {
            if (turned() || m_merged)
                changedRows(keys, block, first, step);
            outputErrors(keys, block, first, step);
        }
        for (int head = 0; head < sharing(); ++head) {
            const float headMass = m_masses[static_cast<std::size_t>(head)];
            if (wantsRow && recipe.group == GroupReduction::Max)
                std::transform(row(head), row(head) + slots, m_unitRow.begin(), m_unitRow.begin(), [](float a, float b) { return std::max(a, b); });
            else if (wantsRow)
                row_kernels::addScaled(row(head), slots, m_scorer->wantsShares() ? share * headMass : share, m_unitRow.data());
            if (!m_lost)
                continue;
            mass += std::min(headMass, 1.0F);
            error += m_errors[static_cast<std::size_t>(head)];
            if ((first + head + 1) % perLane == 0) {
                const std::size_t to = cell((first + head) / perLane, step);
                m_result.mass[to] = static_cast<float>(mass / perLane);
                m_result.error[to] = static_cast<float>(error / perLane);
                mass = error = 0;
            }
        }
    }
    if (wantsRow)
        m_scorer->observe(step, m_positions, m_unitRow);
}

void LaneWalker::liveLogits(const LayerKeys& keys, const QueryBlock& block, int head, int count, int step, float* logits) const
{
    const auto d = static_cast<std::size_t>(m_plan.headDim);
    const std::size_t slots = attended().size(), heads = static_cast<std::size_t>(count);
    row_kernels::dotRows(&block.queries[block.row(head, step) * d], heads, static_cast<std::size_t>(block.rows()) * d, keys.key(head / m_plan.group(), 0),
                         attended().data(), slots, d, logits);
    if (keys.info.softcap > 0)
        for (float& logit : std::span(logits, heads * slots))
            logit = capped(logit, keys.info.softcap);
}

void LaneWalker::liveRows(const LayerKeys& keys, const QueryBlock& block, int head, int step)
{
    const std::size_t slots = attended().size(), heads = static_cast<std::size_t>(sharing());
    m_rows.resize(heads * slots);
    m_masses.resize(heads);
    if (!block.hasTile)
        liveLogits(keys, block, head, sharing(), step, m_rows.data());
    for (int i = 0; i < sharing(); ++i) {
        const float mass = block.hasTile ? row_kernels::gather(block.probability(head + i, step), attended().data(), slots, row(i))
                                         : row_kernels::expShifted(row(i), slots, block.lse[block.row(head + i, step)]);
        m_masses[static_cast<std::size_t>(i)] = mass;
        const std::span<float> live(row(i), slots);
        if (mass >= kLeastMass) {
            const float inverse = 1 / mass;
            for (float& value : live)
                value *= inverse;
        } else {
            liveLogits(keys, block, head + i, 1, step, live.data());
            row_kernels::softmax(live.data(), slots);
        }
    }
}

void LaneWalker::changedRows(const LayerKeys& keys, const QueryBlock& block, int head, int step)
{
    const std::size_t slots = m_positions.size(), d = static_cast<std::size_t>(m_plan.headDim), heads = static_cast<std::size_t>(sharing());
    const auto kv = static_cast<std::size_t>(head / m_plan.group() - firstKeyHead());
    if (turned()) {
        m_queries.resize(heads * d);
        for (std::size_t i = 0; i < heads; ++i) {
            std::copy_n(&block.plainQueries[block.row(head + static_cast<int>(i), step) * d], d, &m_queries[i * d]);
            rotateRow(keys.info.layout, keys.table, assigned(slots - 1), &m_queries[i * d]);
        }
        row_kernels::dotRows(m_queries.data(), heads, d, &m_reassigned[kv * m_reassignedStride * d], nullptr, slots, d, m_rows.data());
    } else {
        row_kernels::dotRows(&block.queries[block.row(head, step) * d], heads, static_cast<std::size_t>(block.rows()) * d,
                             m_merged->keys(static_cast<int>(kv)), nullptr, slots, d, m_rows.data());
    }
    for (int i = 0; i < sharing(); ++i) {
        const std::span<float> logits(row(i), slots);
        if (keys.info.softcap > 0)
            for (float& logit : logits)
                logit = capped(logit, keys.info.softcap);
        if (const double scale = m_policy.recipe.mergedLogit; m_merged && scale != 0)
            for (std::size_t slot = 0; slot < slots; ++slot)
                logits[slot] += static_cast<float>(scale * std::log(m_merged->tokens(static_cast<int>(slot))));
        row_kernels::softmax(logits.data(), slots);
    }
}

void LaneWalker::outputErrors(const LayerKeys& keys, const QueryBlock& block, int head, int step)
{
    const std::size_t d = static_cast<std::size_t>(m_plan.headDim), heads = static_cast<std::size_t>(sharing());
    m_outputs.resize(heads * d);
    m_errors.resize(heads);
    const int kv = head / m_plan.group();
    if (m_merged)
        row_kernels::weightedSum(m_rows.data(), heads, m_merged->values(kv - firstKeyHead()), nullptr, m_positions.size(), d, m_outputs.data());
    else
        row_kernels::weightedSum(m_rows.data(), heads, keys.valueHead(kv), attended().data(), attended().size(), d, m_outputs.data());
    for (std::size_t i = 0; i < heads; ++i) {
        const float* full = &block.outputs[block.row(head + static_cast<int>(i), step) * d];
        double difference = 0, norm = 0;
        for (std::size_t c = 0; c < d; ++c) {
            const float away = m_outputs[i * d + c] - full[c];
            difference += static_cast<double>(away) * away;
            norm += static_cast<double>(full[c]) * full[c];
        }
        m_errors[i] = difference == 0 ? 0 : static_cast<float>(std::sqrt(difference / norm));
    }
}

void LaneWalker::leaveWindow(const LayerKeys& keys, int step)
{
    const int reach = keys.info.window;
    if (reach <= 0 || m_positions.empty() || m_positions.front() != step - reach + 1)
        return;
    const std::int32_t token = m_positions.front();
    m_victims.assign(1, 0);
    m_positions.erase(m_positions.begin());
    if (!m_assigned.empty())
        m_assigned.erase(m_assigned.begin());
    if (m_merged)
        m_merged->erase(m_victims);
    if (m_scorer)
        m_scorer->erased(m_victims);
    for (int lane = firstLane(); lane < firstLane() + m_policy.lanesPerUnit(); ++lane)
        m_result.evictStep[cell(lane, token)] = step;
    if (turned())
        rotateFrom(keys, 0);
}

std::span<const double> LaneWalker::choose(int step, int count)
{
    const Recipe& recipe = m_policy.recipe;
    const int slots = static_cast<int>(m_positions.size());
    if (m_policy.decision && step == m_plan.prompt - 1) {
        const auto& decided = m_policy.decision->units[static_cast<std::size_t>(m_layer) * m_policy.units + m_unit];
        WINNOW_CHECK(decided.scores.size() == m_positions.size(), "{}: {} live tokens at the prompt's end, {} were scored", m_policy.spec.name,
                     slots, decided.scores.size());
        m_victims = decided.victims;
        m_decided.assign(decided.scores.begin(), decided.scores.end());
        return m_decided;
    }
    const Protection& protection = recipe.protection;
    const auto sinkEnd = std::lower_bound(m_positions.begin(), m_positions.end(), protection.sinks);
    SlotChoice choice{.step = step,
                      .positions = m_positions,
                      .begin = static_cast<int>(sinkEnd - m_positions.begin()),
                      .end = slots - protection.recent - protection.window,
                      .count = count};
    if (m_scorer)
        choice.scores = m_scorer->scores(step, m_positions);
    WINNOW_CHECK(choice.end - choice.begin >= count, "{}: {} candidates for {} evictions", m_policy.spec.name, choice.end - choice.begin,
                 count);
    m_selector->choose(choice, m_victims);
    WINNOW_CHECK(static_cast<int>(m_victims.size()) >= count && m_victims.front() >= choice.begin && m_victims.back() < choice.end,
                 "{} chose slots it may not choose", m_policy.spec.name);
    return choice.scores;
}

void LaneWalker::evict(const LayerKeys& keys, int step, std::span<const double> scores)
{
    const int slots = static_cast<int>(m_positions.size());
    float lowestKept = std::numeric_limits<float>::quiet_NaN();
    if (!scores.empty()) {
        std::size_t next = 0;
        for (int slot = 0; slot < slots; ++slot) {
            if (next < m_victims.size() && m_victims[next] == slot) {
                ++next;
                continue;
            }
            const auto score = static_cast<float>(scores[static_cast<std::size_t>(slot)]);
            if (!(score >= lowestKept))
                lowestKept = std::isnan(score) ? lowestKept : score;
        }
    }
    for (const int victim : m_victims) {
        const std::int32_t token = m_positions[static_cast<std::size_t>(victim)];
        for (int lane = firstLane(); lane < firstLane() + m_policy.lanesPerUnit(); ++lane) {
            m_result.evictStep[cell(lane, token)] = step;
            if (!scores.empty()) {
                m_result.scoreAtEviction[cell(lane, token)] = static_cast<float>(scores[static_cast<std::size_t>(victim)]);
                m_result.lowestKept[cell(lane, token)] = lowestKept;
            }
        }
    }
    if (m_policy.recipe.merges)
        merge(step);
    if (m_scorer)
        m_scorer->erased(m_victims);
    eraseSlots(m_positions, m_victims);
    if (!m_assigned.empty())
        eraseSlots(m_assigned, m_victims);
    m_firstEviction = std::min(m_firstEviction, step);
    bool renumbered = !m_lost;
    m_lost = true;
    if (m_policy.recipe.positions == PositionMode::Once && step == m_plan.prompt - 1) {
        m_assigned.resize(m_positions.size());
        std::iota(m_assigned.begin(), m_assigned.end(), 0);
        m_nextPosition = static_cast<int>(m_assigned.size());
        renumbered = true;
    }
    if (turned())
        rotateFrom(keys, renumbered ? 0 : static_cast<std::size_t>(m_victims.front()));
}

void LaneWalker::merge(int step)
{
    if (!m_merged) {
        m_merged.emplace(keyHeads, m_plan.headDim);
        m_merged->reserve(m_positions.size());
        for (const std::int32_t token : m_positions)
            m_merged->append(*this, token);
    }
    m_merges.clear();
    if (m_policy.decision && step == m_plan.prompt - 1)
        m_merges = m_policy.decision->units[static_cast<std::size_t>(m_layer) * m_policy.units + m_unit].merges;
    else
        m_selector->merges(*m_merged, m_merges);
    const std::vector<int> targets = mergeTargets(m_merges, m_victims);
    for (std::size_t i = 0; i < targets.size(); ++i)
        for (int lane = firstLane(); targets[i] >= 0 && lane < firstLane() + m_policy.lanesPerUnit(); ++lane)
            m_result.mergedInto[cell(lane, m_positions[static_cast<std::size_t>(m_victims[i])])] = m_positions[static_cast<std::size_t>(targets[i])];
    for (const Merge& one : m_merges)
        m_merged->apply(one);
    m_merged->erase(m_victims);
}

void LaneWalker::rotateFrom(const LayerKeys& keys, std::size_t slot)
{
    const auto d = static_cast<std::size_t>(m_plan.headDim);
    const std::size_t slots = m_positions.size();
    if (slots > m_reassignedStride) {
        m_reassignedStride = std::max(slots, static_cast<std::size_t>(m_slots)) + static_cast<std::size_t>(m_plan.tokens) / 8 + 1;
        m_reassigned.resize(static_cast<std::size_t>(keyHeads) * m_reassignedStride * d);
        slot = 0;
    }
    for (int kv = 0; kv < keyHeads; ++kv) {
        for (std::size_t i = slot; i < slots; ++i) {
            float* to = &m_reassigned[(static_cast<std::size_t>(kv) * m_reassignedStride + i) * d];
            std::copy_n(keys.plainKey(firstKeyHead() + kv, m_positions[i]), d, to);
            rotateRow(keys.info.layout, keys.table, assigned(i), to);
        }
    }
}

} // namespace winnow
