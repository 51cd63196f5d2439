// What a replay (open loop) produced: for every policy, the step at which each token left each lane, and the metrics.
// Finished results are immutable and travel as shared_ptr<const …>. Free of Torch.
#pragma once

#include "core/base/indices.h"
#include "core/policy/policy_spec.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Which positions a recipe keeps by rule and not by choice. Token i is kept by rule after step t iff
/// i < sinks, or t − i < recent, or i ≥ from, or nothing had to go yet (t < the policy's first eviction, PolicyReplay::choosesFrom).
struct KeptByRule {
    int sinks = 0;
    int recent = 0;
    std::int32_t from = std::numeric_limits<std::int32_t>::max(); ///< start of the observation window of a prompt-time policy
    bool everything = false;                                      ///< `full`
    bool operator()(std::int32_t token, std::int32_t step) const
    {
        return everything || token < sinks || step - token < recent || token >= from;
    }
    friend bool operator==(const KeptByRule&, const KeptByRule&) = default;
};

/// One policy over one trace. Arrays are [layers, lanes, T], row-major; lanes = KV heads, or query heads under
/// granularity=query. Entries of steps ≥ stepsDone are not computed yet (metrics NaN, occupancy −1).
struct PolicyReplay {
    PolicySpec spec;
    int layers = 0, lanes = 0, tokens = 0;
    int stepsDone = 0;              ///< == tokens when finished
    int budget = 0;                 ///< the budget in slots; layers may differ, see `budgets`
    KeptByRule byRule;
    std::int32_t choosesFrom = std::numeric_limits<std::int32_t>::max(); ///< step of the first eviction; max = none yet
    std::vector<std::int32_t> evictStep; ///< step at whose end the token left, −1 = never
    std::vector<float> mass;             ///< share of the full row on the attended slots, mean over the lane's query heads
    std::vector<float> error;            ///< ‖o_S − o‖ / ‖o‖, same mean
    std::vector<std::int32_t> occupancy; ///< slots stored after the step
    std::vector<float> oracleMass;       ///< mass of the best set of as many slots, per step; empty if not asked for
    std::vector<float> scoreAtEviction;  ///< NaN where there is none; empty for policies without scores
    std::vector<float> lowestKept;       ///< lowest score among those that stayed when it left; like scoreAtEviction
    std::vector<std::int32_t> budgets;   ///< [updates, layers]; empty for uniform budgets

    std::size_t index(int layer, int lane, int token) const
    {
        return (static_cast<std::size_t>(layer) * lanes + lane) * tokens + token;
    }
    /// Stored after `step`? (design: i ≤ t and (evict < 0 or evict > t)); unsigned compare makes −1 "never".
    bool keeps(int layer, int lane, int token, int step) const
    {
        return token <= step && static_cast<std::uint32_t>(evictStep[index(layer, lane, token)]) > static_cast<std::uint32_t>(step);
    }
};

struct ReplayResult {
    std::vector<std::int32_t> tokenIds;          ///< [T]
    std::vector<Layer> layers;                   ///< the layers replayed
    int prompt = 0;
    std::map<std::string, std::string> manifest; ///< of the trace, plus Winnow's version and the device
    std::vector<std::shared_ptr<const PolicyReplay>> policies;
    /// Bytes of one stored slot of one lane (key and value in the trace's number type), per layer.
    std::vector<int> slotBytes;
};

/// Logical bytes (slots stored) and physical bytes (lanes padded to their layer's longest) after `step`.
struct CacheBytes {
    std::uint64_t logical = 0, physical = 0;
};
CacheBytes cacheBytes(const ReplayResult& result, const PolicyReplay& policy, Step step);

/// Mean over the chosen lanes of |A ∩ B| / |A ∪ B| after `step`. Both over the same trace and layers; where one has query-head
/// lanes and the other KV-head lanes, each KV lane is compared with all its query lanes.
double jaccard(const PolicyReplay& a, const PolicyReplay& b, Step step);
/// First step after which any lane of the two stores different tokens; nothing if they never differ.
std::optional<Step> firstDivergence(const PolicyReplay& a, const PolicyReplay& b);

} // namespace winnow
