// SPDX-License-Identifier: GPL-3.0-or-later
// One layer of a cache that evicts: its units' policies at work on the keys and values that the model really attends to.
#pragma once

#include "core/evaluate/full_steps.h"
#include "core/evaluate/unit_at_work.h"

#include <chrono>
#include <memory>
#include <vector>

namespace winnow {

/// What the layers of a cache share, one after the other.
struct LayerTools {
    HeldRows held;
    StepQueries queries;
    BufferBytes bytes; ///< of all layers
};

/// Where a layer works. All of it must outlive the layer.
struct LayerPlace {
    const ReplayPlan& plan;
    const PolicyPlan& policy;
    PolicyReplay& result;
    int layer = 0; ///< counts the layers of the plan
    const LayerInfo& info;
    const RotaryTable& table; ///< positions of the whole text
    const FullStep* full;     ///< what mass and error compare with; null: they stay NaN
    LayerTools& tools;
};

/// What of its time the last call of `attend` did not spend on attention.
struct LayerTimes {
    std::chrono::steady_clock::duration deciding{}; ///< the policy, and what it moved
    std::chrono::steady_clock::duration measuring{};
};

/// As LayerCache has them. Tokens that run together belong to the prompt, and only the last of them may evict.
class EvictingLayer {
public:
    explicit EvictingLayer(const LayerPlace& place) : m_place(place) {}

    void append(const CacheRows& rows);
    AttentionResult attend(const CacheRows& rows, const AttentionRule& rule, bool wantLse);
    /// The same for tokens of the prompt whose attention is known: policies see it, and nothing is computed for the model.
    void see(const CacheRows& rows);

    std::uint64_t bytesInUse() const { return m_store ? m_store->bytesInUse() : 0; } ///< by slots
    std::int32_t firstEviction() const;
    const LayerTimes& times() const { return m_times; }

private:
    /// The store holds keys with their rotary embedding.
    bool keepsPositions() const { return m_place.policy.recipe.positions == PositionMode::Keep; }
    void settleIn(const CacheRows& rows);
    /// Keys of all lanes as their tokens' positions have them, [lanes, slots, d].
    at::Tensor wholeKeys() const;
    AttentionResult laneAttention(const CacheRows& rows, bool wantLse);
    void look(const CacheRows& rows);
    void runTogether(int count);
    /// The end of a step that was run alone.
    void learn();
    /// `count` steps are over.
    void passed(int count);
    /// A step of the prompt: everything is attended to, as by the full cache.
    void noteWhole(int step);
    void measure(const at::Tensor& output);

    LayerPlace m_place;
    std::unique_ptr<SlotStore> m_store; ///< once the first rows tell of type and device
    std::vector<std::unique_ptr<UnitAtWork>> m_units;
    int m_step = 0; ///< the first that was not run yet
    LayerTimes m_times;
};

} // namespace winnow
