// SPDX-License-Identifier: GPL-3.0-or-later
// Names and shapes inside a replay file, shared by writer and reader.
#pragma once

#include "core/replay/replay_result.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace winnow::replay_layout {

inline constexpr int kVersion = 1;

/// Visits every array of one policy that the layout names, with its key and shape. Empty optional arrays are passed too.
template <class Policy, class Visit>
void forArrays(Policy& policy, const Visit& visit)
{
    visit("evict_step", policy.evictStep, false);
    visit("mass", policy.mass, false);
    visit("error", policy.error, false);
    visit("occupancy", policy.occupancy, false);
    visit("oracle_mass", policy.oracleMass, true);
    visit("score_at_eviction", policy.scoreAtEviction, true);
    visit("lowest_kept", policy.lowestKept, true);
    visit("merged_into", policy.mergedInto, true);
    visit("future_mass", policy.futureMass, true);
    visit("bound_mass", policy.boundMass, true);
}

/// The same for the additional arrays of runs, all optional; `byLayer`: [layers, T], else [T].
template <class Costs, class Visit>
void forTokenArrays(Costs& costs, const Visit& visit)
{
    visit("logprob", costs.logprob, false);
    visit("kl", costs.kl, false);
    visit("agrees", costs.agrees, false);
    visit("milliseconds", costs.milliseconds, false);
    visit("taken_bytes", costs.takenBytes, false);
    visit("hidden_error", costs.hiddenError, true);
}

/// The step at whose end a token first left, whatever took it; the largest number where none did.
inline std::int32_t firstLeft(const PolicyReplay& policy)
{
    std::int32_t first = std::numeric_limits<std::int32_t>::max();
    for (const std::int32_t left : policy.evictStep)
        if (left >= 0)
            first = std::min(first, left);
    return first;
}

/// "first_eviction": one number where lifetimes do not tell the policy's first eviction, as sliding windows hid tokens before it.
inline std::vector<std::int32_t> firstEviction(const PolicyReplay& policy)
{
    if (policy.selects() || policy.choosesFrom == firstLeft(policy))
        return {};
    return {policy.choosesFrom};
}

inline std::vector<std::size_t> cellShape(const PolicyReplay& policy)
{
    return {static_cast<std::size_t>(policy.layers), static_cast<std::size_t>(policy.lanes),
            static_cast<std::size_t>(policy.tokens)};
}

inline std::vector<std::size_t> tokenShape(std::size_t layers, std::size_t tokens, bool byLayer)
{
    return byLayer ? std::vector{layers, tokens} : std::vector{tokens};
}

inline std::vector<std::size_t> readShape(const PolicyReplay& policy)
{
    auto shape = cellShape(policy);
    shape.push_back(static_cast<std::size_t>(policy.pageBytes()));
    return shape;
}

} // namespace winnow::replay_layout
