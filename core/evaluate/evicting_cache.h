// SPDX-License-Identifier: GPL-3.0-or-later
// The cache of a running model under a policy (closed loop): the model attends to what the policy kept, and nothing else is
// stored.
#pragma once

#include "core/evaluate/evicting_layer.h"
#include "core/replay/trace_prompt_layer.h"

#include <memory>
#include <vector>

namespace winnow {

/// What a cache under a policy works with. All of it must outlive the cache; `result` is written step by step.
struct EvictingPlace {
    const ReplayPlan& plan; ///< of all layers of the model, with the choices at the prompt's end filled in
    const PolicyPlan& policy;
    PolicyReplay& result;
    const std::vector<LayerInfo>& layers;
    RotaryTables& tables;  ///< of the whole text
    const FullSteps* full; ///< of a full cache that runs one step ahead; null: mass and error stay NaN
};

/// Time and memory of the last chunk.
struct CacheCost {
    std::chrono::steady_clock::duration deciding{}, measuring{};
    std::uint64_t peakBytes = 0;  ///< of the arrays of keys and values, at most
    std::uint64_t heldBytes = 0;  ///< of the same, in the end
    std::uint64_t bytesInUse = 0; ///< by slots, in the end
};

/// Runs the prompt in chunks that end with it, or token by token; what follows token by token. Every layer evicts at the end of
/// its prompt, so that of a prompt that is read layer by layer one layer is whole at a time.
class EvictingCache final : public LayerCache {
public:
    explicit EvictingCache(const EvictingPlace& place);
    ~EvictingCache() override;

    void append(int layer, const CacheRows& rows) override;
    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override;
    void settle(int tokens) override;
    /// In place of append and attend, for tokens of the prompt whose attention is known.
    void take(int layer, const CacheRows& rows);

    const CacheCost& cost() const { return m_cost; }
    std::int32_t firstEviction() const;

private:
    LayerTools m_tools;
    std::vector<EvictingLayer> m_layers;
    CacheCost m_cost, m_chunk; ///< of the last chunk; of the present one
};

} // namespace winnow
