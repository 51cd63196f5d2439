// What a replay is going to do, worked out and checked before anything is read: recipes, units, budgets per layer.
#pragma once

#include "core/policy/recipe.h"
#include "core/replay/replay.h"

namespace winnow {

/// One policy of a replay. Units decide, lanes are reported: unit u of a layer serves lanes [u · lanesPerUnit, …).
struct PolicyPlan {
    PolicySpec spec; ///< resolved: every parameter a number
    Recipe recipe;
    int units = 0, lanes = 0;         ///< per layer
    int headsPerUnit = 0, headsPerLane = 0;
    std::vector<int> slots;           ///< per replayed layer; the trace's length where nothing ever has to go
    KeptByRule byRule;

    int lanesPerUnit() const { return lanes / units; }
    /// Slots between the protected ones: the tree of a tree selector.
    int regionSlots(int layer) const { return slots[static_cast<std::size_t>(layer)] - recipe.protection.sinks - recipe.protection.recent; }
};

struct ReplayPlan {
    int tokens = 0, prompt = 0;
    int queryHeads = 0, keyHeads = 0, headDim = 0;
    std::vector<int> layerIndices; ///< into TraceInfo::layers
    std::vector<Layer> layers;     ///< the model's numbers
    std::vector<PolicyPlan> policies;

    int group() const { return queryHeads / keyHeads; }
    /// First step at whose end something may have to go.
    int firstChoice() const { return prompt > 0 ? prompt - 1 : 0; }
};

/// Errors: checkSpec's, no such layers, layers of different shape, `positions=reassign` typed for a model without rotary embedding.
Result<ReplayPlan> planReplay(const TraceInfo& info, std::span<const PolicySpec> specs, const ReplayOptions& options);

/// The empty results of a plan: everything allocated, nothing computed (metrics NaN, occupancy −1, nobody evicted).
std::vector<PolicyReplay> emptyResults(const ReplayPlan& plan);

} // namespace winnow
