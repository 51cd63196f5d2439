// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the attention of one query head over the slots of a lane.
#pragma once

#include "core/device/kernels/walk_layout.h"

namespace winnow::kernel {

/// The slots of a lane: their tokens, and where the rotary embedding has them. `moved`: elsewhere than they were recorded.
struct Slots {
    const int* tokens = nullptr;
    const int* positions = nullptr; ///< null: a slot's position is its number
    int count = 0;
    bool moved = false;
    int position(int slot) const { return positions ? positions[slot] : slot; }
};

/// Whether the host wants no more of this. All workers get one answer, though the host may change its mind meanwhile.
template <class Team>
bool isStopped(const Team& team, const volatile Signals* signals)
{
    return team.sum(0, 1, [&](int) { return signals->stop; }) != 0;
}

inline float dot(const float* a, const float* b, int d)
{
    float sum = 0;
    for (int c = 0; c < d; ++c)
        sum += a[c] * b[c];
    return sum;
}

/// Which channels the j-th pair rotates.
struct Pair {
    int first, second;
};
inline Pair pairOf(const WalkLayer& layer, int j)
{
    return layer.interleaved ? Pair{2 * j, 2 * j + 1} : Pair{j, j + layer.pairs};
}

/// dot(query, key), the key [d] rotated to `position` first. The query is rotated already.
inline float dotRotated(const WalkLayer& layer, const float* query, const float* key, int position)
{
    const long long at = static_cast<long long>(position) * layer.pairs;
    const float *cosines = layer.cosines + at, *sines = layer.sines + at;
    float sum = dot(query + 2 * layer.pairs, key + 2 * layer.pairs, layer.headDim - 2 * layer.pairs);
    for (int j = 0; j < layer.pairs; ++j) {
        const Pair pair = pairOf(layer, j);
        const float x = key[pair.first], y = key[pair.second];
        sum += query[pair.first] * (x * cosines[j] - y * sines[j]) + query[pair.second] * (y * cosines[j] + x * sines[j]);
    }
    return sum;
}

/// `query` [d], rotated to `position`, to `to`.
template <class Team>
void rotateQuery(const Team& team, const WalkLayer& layer, const float* query, int position, float* to)
{
    const long long at = static_cast<long long>(position) * layer.pairs;
    team.copy(query, layer.headDim, to);
    team.forEach(0, layer.pairs, [&](int j) {
        const Pair pair = pairOf(layer, j);
        const float cosine = layer.cosines[at + j], sine = layer.sines[at + j], x = query[pair.first], y = query[pair.second];
        to[pair.first] = x * cosine - y * sine;
        to[pair.second] = y * cosine + x * sine;
    });
}

template <class Team>
float capped(const Team& team, const WalkLayer& layer, float logit)
{
    return layer.softcap > 0 ? layer.softcap * team.hyperbolicTangent(logit / layer.softcap) : logit;
}

/// One query head at one step.
template <class Team>
class HeadRow {
public:
    HeadRow(const Team& team, const Shape& shape, const WalkLayer& layer, int head, int step)
        : m_team(team), m_layer(layer), m_row(static_cast<long long>(head) * shape.tokens + step),
          m_keyRow(static_cast<long long>(head / (shape.queryHeads / shape.keyHeads)) * shape.tokens)
    {
    }

    /// The share of the full attention that falls on each slot, to `row`.
    void shares(const Slots& slots, float* row) const
    {
        const float lse = m_layer.lse[m_row];
        logits(slots, row);
        m_team.forEach(0, slots.count, [&](int slot) { row[slot] = m_team.exponential(row[slot] - lse); });
    }

    /// Softmax over the slots at their recorded positions, to `row`. Returns the share of the full row that falls on them, which
    /// may exceed 1 by rounding. Where this share is too small to divide by, the softmax is taken over the logits themselves.
    float recorded(const Slots& slots, float* row) const
    {
        constexpr double kLeast = 1e-20; // a quotient of smaller numbers says too little
        shares(slots, row);
        const double mass = m_team.sum(0, slots.count, [&](int slot) { return static_cast<double>(row[slot]); });
        const bool finite = mass - mass == 0;
        if (finite && mass >= kLeast) {
            const float inverse = 1 / static_cast<float>(mass);
            m_team.forEach(0, slots.count, [&](int slot) { row[slot] *= inverse; });
        } else {
            logits(slots, row);
            softmax(slots, row);
        }
        return finite ? static_cast<float>(mass) : 1;
    }

    /// Softmax over the slots where they lie now, to `row`. `query`: room for d numbers.
    void moved(const Slots& slots, float* row, float* query) const
    {
        const int d = m_layer.headDim;
        rotateQuery(m_team, m_layer, m_layer.plainQueries + m_row * d, slots.position(slots.count - 1), query);
        m_team.forEach(0, slots.count, [&](int slot) {
            const float* key = m_layer.plainKeys + (m_keyRow + slots.tokens[slot]) * d;
            row[slot] = capped(m_team, m_layer, dotRotated(m_layer, query, key, slots.position(slot)));
        });
        softmax(slots, row);
    }

    /// ‖output − full‖ / ‖full‖ of the attention output that `row` gives. `output`: room for d numbers; `parts`: for as many as
    /// there are workers, and for d.
    float error(const Slots& slots, const float* row, float* output, float* parts) const
    {
        const int d = m_layer.headDim, shares = m_team.workers() > d ? m_team.workers() / d : 1;
        const float *values = m_layer.values + m_keyRow * d, *full = m_layer.outputs + m_row * d;
        m_team.forEach(0, shares * d, [&](int i) { // of one channel every so many slots
            const int c = i % d;
            float sum = 0;
            for (int slot = i / d; slot < slots.count; slot += shares)
                sum += row[slot] * values[static_cast<long long>(slots.tokens[slot]) * d + c];
            parts[i] = sum;
        });
        m_team.forEach(0, d, [&](int c) {
            float sum = 0;
            for (int share = 0; share < shares; ++share)
                sum += parts[share * d + c];
            output[c] = sum;
        });
        const double away = m_team.sum(0, d, [&](int c) { return square(output[c] - full[c]); });
        const double norm = m_team.sum(0, d, [&](int c) { return square(full[c]); });
        return away == 0 ? 0 : static_cast<float>(m_team.squareRoot(away / norm));
    }

private:
    static double square(float x) { return static_cast<double>(x) * static_cast<double>(x); }

    void logits(const Slots& slots, float* to) const
    {
        const int d = m_layer.headDim;
        const float *query = m_layer.queries + m_row * d, *keys = m_layer.keys + m_keyRow * d;
        m_team.forEach(0, slots.count, [&](int slot) {
            to[slot] = capped(m_team, m_layer, dot(query, keys + static_cast<long long>(slots.tokens[slot]) * d, d));
        });
    }
    void softmax(const Slots& slots, float* row) const
    {
        const auto largest =
            static_cast<float>(-m_team.least(0, slots.count, [&](int slot) { return -static_cast<double>(row[slot]); }));
        m_team.forEach(0, slots.count, [&](int slot) { row[slot] = m_team.exponential(row[slot] - largest); });
        const double sum = m_team.sum(0, slots.count, [&](int slot) { return static_cast<double>(row[slot]); });
        const float inverse = 1 / static_cast<float>(sum);
        m_team.forEach(0, slots.count, [&](int slot) { row[slot] *= inverse; });
    }

    const Team& m_team;
    const WalkLayer& m_layer;
    long long m_row;    ///< of the head's query among all
    long long m_keyRow; ///< of its KV head's first key among all
};

} // namespace winnow::kernel
