// SPDX-License-Identifier: GPL-3.0-or-later
// What the decider of one unit sees of a running model: vectors and slots as its cache holds them.
#pragma once

#include "core/base/check.h"
#include "core/evaluate/held_rows.h"
#include "core/evaluate/step_queries.h"
#include "core/policy/lane_parts.h"
#include "core/replay/replay_plan.h"

#include <algorithm>

namespace winnow {

/// Queries are of the token that was shown last.
class RunVectors final : public LaneVectors {
public:
    /// All of it must outlive this.
    RunVectors(const LaneInModel& ofLane, const LayerInfo& info, const PolicyPlan& policy, int unit, HeldRows& held,
               const StepQueries& queries)
        : m_firstLane(unit * policy.lanesPerUnit()), m_firstHead(unit * policy.headsPerUnit), m_held(held), m_queries(queries)
    {
        lane = ofLane;
        headDim = info.headDim;
        softcap = info.softcap;
        queryHeads = policy.headsPerUnit;
        keyHeads = policy.lanesPerUnit();
    }
    /// The unit's; outlives this. Before anything is read.
    void follow(const LaneCache& cache) { m_cache = &cache; }
    void show(int index) { m_index = index; }

    const float* key(int keyHead, std::int32_t token) const override
    {
        return m_held.ownKeys(m_firstLane + keyHead, *m_cache) + at(token);
    }
    const float* value(int keyHead, std::int32_t token) const override
    {
        return m_held.values(m_firstLane + keyHead) + at(token);
    }
    const float* query(int queryHead) const override { return m_queries.query(m_firstHead + queryHead, m_index); }
    std::span<const double> foreseen() const override { return {}; }

private:
    std::size_t at(std::int32_t token) const
    {
        const std::span<const std::int32_t> tokens = m_cache->tokens();
        const auto found = std::lower_bound(tokens.begin(), tokens.end(), token);
        WINNOW_CHECK(found != tokens.end() && *found == token, "token {} is not there", token);
        return static_cast<std::size_t>(found - tokens.begin()) * static_cast<std::size_t>(headDim);
    }

    int m_firstLane, m_firstHead, m_index = 0;
    const LaneCache* m_cache = nullptr;
    HeldRows& m_held;
    const StepQueries& m_queries;
};

class RunSlots final : public LaneSlots {
public:
    RunSlots(const RunVectors& vectors, const LaneCache& cache) : m_vectors(vectors), m_cache(cache)
    {
        headDim = vectors.headDim;
        keyHeads = vectors.keyHeads;
    }
    const float* key(int keyHead, int slot) const override { return m_vectors.key(keyHead, m_cache.token(slot)); }
    int tokens(int slot) const override { return m_cache.tokensIn(slot); }

private:
    const RunVectors& m_vectors;
    const LaneCache& m_cache;
};

} // namespace winnow
