// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/lane_rows.h"

#include "core/kernels/column_kernels.h"
#include "core/kernels/row_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow {

namespace {

/// Below this much of the full row on the live slots, the quotient of two tiny numbers says too little.
constexpr float kLeastMass = 1e-20F;

} // namespace

float outputError(const float* output, const float* full, std::size_t d)
{
    const row_kernels::Squares squares = row_kernels::squares(output, full, d);
    return squares.difference == 0 ? 0 : static_cast<float>(std::sqrt(squares.difference / squares.second));
}

LaneRows::LaneRows(const ReplayPlan& plan, const PolicyPlan& policy, int unit) : m_plan(plan), m_policy(policy), m_unit(unit) {}

void LaneRows::logits(const RecordedStep& at, int head, int count, std::span<const std::int32_t> tokens, float* to) const
{
    const LayerInfo& info = at.keys.info;
    const auto d = static_cast<std::size_t>(info.headDim);
    const std::size_t slots = tokens.size(), heads = static_cast<std::size_t>(count);
    row_kernels::dotRows(&at.block.queries[at.block.row(head, at.step) * d], heads, static_cast<std::size_t>(at.block.rows()) * d,
                         at.keys.key(head / m_plan.group(), 0), tokens.data(), slots, d, to);
    if (info.softcap > 0)
        for (float& logit : std::span(to, heads * slots))
            logit = capped(logit, info.softcap);
}

void LaneRows::recorded(const RecordedStep& at, int head, std::span<const std::int32_t> tokens)
{
    const std::size_t heads = static_cast<std::size_t>(sharing());
    m_slots = tokens.size();
    m_rows.resize(heads * m_slots);
    m_masses.resize(heads);
    if (!at.block.hasTile)
        logits(at, head, sharing(), tokens, m_rows.data());
    for (int i = 0; i < sharing(); ++i) {
        const std::span<float> live = row(i);
        const float mass = at.block.hasTile
                               ? row_kernels::gather(at.block.probability(head + i, at.step), tokens.data(), m_slots, live.data())
                               : row_kernels::expShifted(live.data(), m_slots, at.block.lse[at.block.row(head + i, at.step)]);
        const bool divides = mass >= kLeastMass && std::isfinite(mass); // a normalizer may lie far from its row, if few do
        m_masses[static_cast<std::size_t>(i)] = std::isfinite(mass) ? mass : 1;
        if (divides) {
            const float inverse = 1 / mass;
            for (float& value : live)
                value *= inverse;
        } else {
            logits(at, head + i, 1, tokens, live.data());
            row_kernels::softmax(live.data(), m_slots);
        }
    }
}

void LaneRows::moved(const RecordedStep& at, int head, const LaneCache& cache, const MovedKeys& keys)
{
    const LayerInfo& info = at.keys.info;
    const auto d = static_cast<std::size_t>(info.headDim), heads = static_cast<std::size_t>(sharing());
    m_queries.resize(heads * d);
    for (std::size_t i = 0; i < heads; ++i) {
        std::copy_n(&at.block.plainQueries[at.block.row(head + static_cast<int>(i), at.step) * d], d, &m_queries[i * d]);
        rotateRow(info.layout, *at.keys.table, cache.position(static_cast<int>(m_slots) - 1), &m_queries[i * d]);
    }
    row_kernels::dotRows(m_queries.data(), heads, d, keys.keys(head / m_plan.group() - firstKeyHead()), nullptr, m_slots, d,
                         m_rows.data());
    for (int i = 0; i < sharing(); ++i) {
        if (info.softcap > 0)
            for (float& logit : row(i))
                logit = capped(logit, info.softcap);
        row_kernels::softmax(row(i).data(), m_slots);
    }
}

void LaneRows::merged(const RecordedStep& at, int head, const LaneCache& cache, const MergedRows& rows)
{
    const LayerInfo& info = at.keys.info;
    const auto d = static_cast<std::size_t>(info.headDim), heads = static_cast<std::size_t>(sharing());
    row_kernels::dotRows(&at.block.queries[at.block.row(head, at.step) * d], heads, static_cast<std::size_t>(at.block.rows()) * d,
                         rows.keys(head / m_plan.group() - firstKeyHead()), nullptr, m_slots, d, m_rows.data());
    for (int i = 0; i < sharing(); ++i) {
        const std::span<float> live = row(i);
        if (info.softcap > 0)
            for (float& logit : live)
                logit = capped(logit, info.softcap);
        if (const double scale = m_policy.recipe.mergedLogit; scale != 0)
            for (std::size_t slot = 0; slot < m_slots; ++slot)
                if (const int tokens = cache.tokensIn(static_cast<int>(slot)); tokens > 1)
                    live[slot] += static_cast<float>(scale * std::log(tokens));
        row_kernels::softmax(live.data(), m_slots);
    }
}

void LaneRows::outputs(const RecordedStep& at, int head, std::span<const std::int32_t> tokens, const MergedRows* merged)
{
    const std::size_t d = static_cast<std::size_t>(at.keys.info.headDim), heads = static_cast<std::size_t>(sharing());
    m_outputs.resize(heads * d);
    m_errors.resize(heads);
    const int kv = head / m_plan.group();
    if (merged)
        row_kernels::weightedSum(m_rows.data(), heads, m_slots, merged->values(kv - firstKeyHead()), nullptr, m_slots, d,
                                 m_outputs.data());
    else
        row_kernels::weightedSum(m_rows.data(), heads, m_slots, at.keys.valueHead(kv), tokens.data(), m_slots, d,
                                 m_outputs.data());
    for (std::size_t i = 0; i < heads; ++i) {
        const float* full = &at.block.outputs[at.block.row(head + static_cast<int>(i), at.step) * d];
        m_errors[i] = outputError(&m_outputs[i * d], full, d);
    }
}

void KeyColumns::layOut(const LayerKeys& keys, int kvHead, std::span<const std::int32_t> tokens)
{
    const auto d = static_cast<std::size_t>(keys.info.headDim);
    m_pitch = column_kernels::pitchOf(tokens.size());
    m_numbers.resize(d * m_pitch);
    column_kernels::layOut(keys.key(kvHead, 0), tokens.data(), tokens.size(), d, m_pitch, m_numbers.data());
}

void LaneRows::together(const RecordedStep& first, int count, int head, std::span<const std::int32_t> tokens,
                        const KeyColumns& columns)
{
    const LayerInfo& info = first.keys.info;
    const std::size_t d = static_cast<std::size_t>(info.headDim), most = tokens.size(), steps = static_cast<std::size_t>(count),
                      pitch = columns.pitch();
    constexpr std::size_t kPiece = column_kernels::kTogether;
    const std::size_t before = most - steps;
    m_logits.resize(steps * pitch);
    m_outputs.resize(steps * d);
    std::vector<float> masses(static_cast<std::size_t>(sharing() * kTogether)), errors(masses.size());
    for (int i = 0; i < sharing(); ++i) {
        const std::size_t row = first.block.row(head + i, first.step);
        column_kernels::dotColumns(&first.block.queries[row * d], steps, d, columns.data(), (most + kPiece - 1) / kPiece * kPiece,
                                   pitch, d, m_logits.data());
        std::array<bool, kTogether> divides{};
        for (std::size_t n = 0; n < steps; ++n) {
            const std::span<float> live = std::span(m_logits).subspan(n * pitch, before + n + 1);
            if (info.softcap > 0)
                for (float& logit : live)
                    logit = capped(logit, info.softcap);
            const float mass = row_kernels::expShifted(live.data(), live.size(), first.block.lse[row + n]);
            masses[static_cast<std::size_t>(i * kTogether) + n] = mass;
            divides[n] = mass >= kLeastMass && std::isfinite(mass);
            std::fill(live.data() + live.size(), &m_logits[n * pitch] + most, 0.0F);
        }
        row_kernels::weightedSum(m_logits.data(), steps, pitch, first.keys.valueHead(head / m_plan.group()), tokens.data(), most,
                                 d, m_outputs.data());
        for (std::size_t n = 0; n < steps; ++n) {
            const std::size_t cell = static_cast<std::size_t>(i * kTogether) + n;
            const float inverse = 1 / masses[cell]; // the sums were of shares of the full row
            for (float& output : std::span(m_outputs).subspan(n * d, d))
                output *= inverse;
            errors[cell] = divides[n] ? outputError(&m_outputs[n * d], &first.block.outputs[(row + n) * d], d) : -1;
        }
    }
    for (int n = 0; n < count; ++n) {
        const auto cell = [&](int i) { return static_cast<std::size_t>(i * kTogether + n); };
        bool whole = true;
        for (int i = 0; i < sharing(); ++i)
            whole = whole && errors[cell(i)] >= 0;
        if (whole)
            continue;
        // A share too small to divide by, at this step.
        const RecordedStep at{first.keys, first.block, first.step + n};
        const auto held = tokens.first(before + static_cast<std::size_t>(n) + 1);
        recorded(at, head, held);
        outputs(at, head, held, nullptr);
        for (int i = 0; i < sharing(); ++i) {
            masses[cell(i)] = mass(i);
            errors[cell(i)] = error(i);
        }
    }
    m_masses = std::move(masses);
    m_errors = std::move(errors);
}

} // namespace winnow
