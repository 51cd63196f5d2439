// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of a replay, worked out and checked before any row is read: recipes, units, budgets per layer.
#pragma once

#include "core/policy/decider.h"
#include "core/replay/replay.h"

namespace winnow {

/// What one policy decided at the end of the prompt.
struct PromptDecision {
    std::vector<PromptChoice> units; ///< [layers, units]
};

/// One policy of a replay. A unit decides (one cache, one decider), a lane is what results report: unit u of a layer serves lanes
/// [u · lanesPerUnit, …).
struct PolicyPlan {
    PolicySpec spec; ///< resolved: every parameter a number
    Recipe recipe;
    int units = 0, lanes = 0; ///< per layer
    int headsPerUnit = 0, headsPerLane = 0;
    BudgetQuestion question;
    std::vector<int> slots;                         ///< [layers, units]; the trace's length for policies that evict nothing
    std::vector<std::int32_t> budgets;              ///< [updates, layers]; empty where layers do not differ
    std::shared_ptr<const PromptDecision> decision; ///< null unless the policy chooses at the end of the prompt
    std::vector<std::vector<double>> foreseen; ///< [layers · units][T], where the recipe foresees: attention received in all
    std::vector<std::int32_t> given;           ///< [layers, units, T], where the recipe reads lifetimes: see LanePlace
    KeptByRule byRule;
    std::vector<bool> walked; ///< [layers]: whether a GPU has walked it, so that the CPU engine leaves it alone; empty: none

    std::span<const std::int32_t> givenTo(int layer, int unit, int tokens) const
    {
        return given.empty() ? std::span<const std::int32_t>()
                             : std::span(given).subspan((static_cast<std::size_t>(layer) * units + unit) * tokens,
                                                        static_cast<std::size_t>(tokens));
    }
    bool isWalked(int layer) const { return !walked.empty() && walked[static_cast<std::size_t>(layer)]; }
    int lanesPerUnit() const { return lanes / units; }
    const PromptChoice* choice(int layer, int unit) const
    {
        return decision ? &decision->units[static_cast<std::size_t>(layer) * units + unit] : nullptr;
    }
    std::span<const double> foreseenBy(int layer, int unit) const
    {
        return foreseen.empty() ? std::span<const double>() : foreseen[static_cast<std::size_t>(layer) * units + unit];
    }
    int slotsOf(int layer, int unit) const { return slots[static_cast<std::size_t>(layer) * units + unit]; }
    /// Slots of the budget that are not protected; TreeKV's tree lies in them.
    int regionSlots(int layer, int unit) const { return slotsOf(layer, unit) - recipe.protection.slots(); }
};

struct ReplayPlan {
    int tokens = 0, prompt = 0;
    int queryHeads = 0, keyHeads = 0; ///< of every layer; head dimensions may differ (LayerInfo)
    int modelLayers = 0;              ///< layers of the model, recorded or not
    std::vector<int> layerIndices;    ///< into TraceInfo::layers
    std::vector<Layer> layers;        ///< the model's numbers
    std::vector<PolicyPlan> policies;

    int group() const { return queryHeads / keyHeads; }
    LaneInModel lane(int layer, int unit) const { return {{raw(layers[static_cast<std::size_t>(layer)]), unit}, modelLayers}; }
    /// First step at whose end something may have to go.
    int firstChoice() const { return prompt > 0 ? prompt - 1 : 0; }
};

/// Errors: checkSpec's, no such layers, layers of different shape, `positions=reassign` typed for a model without rotary
/// embedding.
Result<ReplayPlan> planReplay(const TraceInfo& info, std::span<const PolicySpec> specs, const ReplayOptions& options);

/// What a resolved policy keeps by rule; `slots`: its budget.
KeptByRule keptByRule(const PolicySpec& spec, int slots, int prompt);

/// The slots that a policy asks for; all tokens for `full`, which evicts nothing and reads everything.
int budgetOf(const PolicySpec& spec, int tokens);

/// Sets the bits of `pages` in result.read.
void markRead(PolicyReplay& result, int layer, int lane, int step, std::span<const int> pages);

/// The empty results of a plan: everything allocated, in memory or in temporary files, nothing computed (metrics NaN, occupancy
/// −1, nobody evicted). Throws std::runtime_error, with a sentence, where a file cannot be made.
std::vector<PolicyReplay> emptyResults(const ReplayPlan& plan, ResultPlace place = ResultPlace::Memory);

} // namespace winnow
