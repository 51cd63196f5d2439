// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the attention of one query head over the slots of its unit.
#pragma once

#include "core/device/kernels/walk_layout.h"

namespace winnow::kernel {

/// The slots of a unit.
struct Slots {
    const int* tokens = nullptr;
    const int* positions = nullptr; ///< those of the rotary embedding; null: a slot's number is its position
    int count = 0;
    bool moved = false; ///< whether positions are others than those of the recording
    int position(int slot) const { return positions ? positions[slot] : slot; }
};

/// Whether the host has said stop. It may say so at any time, so one worker reads the word for all.
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

/// The channels of a pair that rotates.
struct Pair {
    int first, second;
};
inline Pair pairOf(const WalkLayer& layer, int j)
{
    return layer.interleaved ? Pair{2 * j, 2 * j + 1} : Pair{j, j + layer.pairs};
}

/// dot(query, key) with the key [d] rotated to `position`; the query is rotated already.
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

    /// To `row`: the share of the full attention that falls on each slot.
    void shares(const Slots& slots, float* row) const
    {
        const float lse = m_layer.lse[m_row];
        logits(slots, row);
        m_team.forEach(0, slots.count, [&](int slot) { row[slot] = m_team.exponential(row[slot] - lse); });
    }

    /// To `row`: the softmax over the slots, at their recorded positions. Returns the mass, which is the share of the full
    /// attention that falls on all of them together; it may exceed 1 by rounding. The softmax is the shares divided by the mass,
    /// and where the mass is too small for that, it is made of the logits.
    float recorded(const Slots& slots, float* row) const
    {
        constexpr double kLeast = 1e-20; // quotients of smaller numbers have few digits
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

    /// To `row`: the softmax over the slots, at the positions that they have now. `query`: scratch, [d].
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

    /// ‖output − full‖ / ‖full‖ for the attention output that `row` gives. Scratch: `output` [d]; `parts`, as long as the larger
    /// of d and the number of workers. With n parts to a channel, part p adds up the slots p, p + n, p + 2 n, …
    float error(const Slots& slots, const float* row, float* output, float* parts) const
    {
        const int d = m_layer.headDim, n = m_team.workers() > d ? m_team.workers() / d : 1;
        const float *values = m_layer.values + m_keyRow * d, *full = m_layer.outputs + m_row * d;
        m_team.forEach(0, n * d, [&](int i) {
            const int part = i / d, c = i % d;
            float sum = 0;
            for (int slot = part; slot < slots.count; slot += n)
                sum += row[slot] * values[static_cast<long long>(slots.tokens[slot]) * d + c];
            parts[i] = sum;
        });
        m_team.forEach(0, d, [&](int c) {
            float sum = 0;
            for (int part = 0; part < n; ++part)
                sum += parts[part * d + c];
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
    long long m_row;    ///< of the step, in the layer's arrays of queries, outputs and lse
    long long m_keyRow; ///< of the KV head's first token, in the layer's arrays of keys and values
};

} // namespace winnow::kernel
