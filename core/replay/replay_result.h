// SPDX-License-Identifier: GPL-3.0-or-later
// What a replay (open loop) or a run (closed loop) produced: for every policy, the step at which each token left each lane, and
// the metrics. Finished results are immutable and travel as shared_ptr<const …>. Free of Torch.
#pragma once

#include "core/base/indices.h"
#include "core/policy/policy_spec.h"
#include "core/replay/result_cells.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Which tokens a recipe keeps by rule (its protection), not by choice. Token i is kept by rule after step t iff
/// i < sinks, or t − i < recent, or i ≥ from, or nothing had to go yet (t < the policy's first eviction,
/// PolicyReplay::choosesFrom).
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

/// What a run (closed loop) measures in addition to a replay, by token, [T]. All are empty in a replay; kl, agrees and
/// hiddenError are empty too where no full cache ran beside the policy.
struct RunCosts {
    std::vector<float> logprob; ///< natural log of p(token t | tokens before it) under the policy; NaN at 0
    std::vector<float> kl;      ///< KL(full cache ‖ policy) of the predictions, in nats; NaN where they were not compared
    std::vector<float>
        agrees; ///< 1 where policy and full cache rank the same token first, else 0; NaN where they were not compared
    std::vector<float> milliseconds;      ///< that the step took; tokens that ran together share their time evenly
    std::vector<std::int64_t> takenBytes; ///< peak bytes of keys and values of all lanes during the step
    /// [layers, T]: ‖h_S − h‖ / ‖h‖ of what a layer hands to the next one at the step, under the policy and under the full cache;
    /// NaN at steps that are not computed yet.
    std::vector<float> hiddenError;
};

/// One policy over one trace. Arrays are [layers, lanes, T], row-major; lanes = KV heads, or query heads under
/// granularity=query. Entries of steps ≥ stepsDone are not computed yet (metrics NaN, occupancy −1).
struct PolicyReplay {
    PolicySpec spec;
    int layers = 0, lanes = 0, tokens = 0;
    int stepsDone = 0; ///< == tokens when finished
    int budget = 0;    ///< the budget in slots; layers may differ, see `budgets`
    KeptByRule byRule;
    std::int32_t choosesFrom = std::numeric_limits<std::int32_t>::max(); ///< step of the first eviction; max = none yet
    Cells<std::int32_t> evictStep;                                       ///< step at whose end the token left, −1 = never
    Cells<float> mass;             ///< share of the full row on the attended slots, mean over the lane's query heads
    Cells<float> error;            ///< ‖o_S − o‖ / ‖o‖, same mean
    Cells<std::int32_t> occupancy; ///< slots stored after the step
    Cells<float> oracleMass;       ///< mass of the best set of as many slots, per step; empty if not asked for
    Cells<float> scoreAtEviction;  ///< NaN where there is none; empty for policies without scores
    Cells<float> lowestKept; ///< lowest score among the tokens that could have left at that step and stayed; NaN and empty as
                             ///< scoreAtEviction
    std::vector<std::int32_t> budgets; ///< [updates, layers]; empty for uniform budgets
    /// Merging policies only, else empty: the token whose slot an evicted token was merged into; −1 = it was dropped, or never
    /// left. Mass counts only tokens that stayed. The error is computed with the merged keys and values, so it shows what merging
    /// saves.
    Cells<std::int32_t> mergedInto;
    /// Mass of the eviction oracles, which hold as many slots as this policy after every step and protect nothing: `futureMass`
    /// of the greedy policy that knows the text to come; `boundMass`, whose sum over the steps of a lane no eviction policy
    /// exceeds (core/replay/evictor_oracle.h). Empty if not asked for.
    Cells<float> futureMass, boundMass;
    int pageTokens = 0;       ///< selections: tokens of a page; 0 = the policy evicts
    Cells<std::uint8_t> read; ///< selections: [layers, lanes, T, pageBytes()], see readsPage; else empty
    RunCosts run;

    std::size_t index(int layer, int lane, int token) const
    {
        return (static_cast<std::size_t>(layer) * lanes + lane) * tokens + token;
    }
    /// Whether `token` is stored after `step`: token ≤ step, and it never left (−1) or left at a later step. Compared unsigned,
    /// −1 is later than any step.
    bool keeps(int layer, int lane, int token, int step) const
    {
        return token <= step &&
               static_cast<std::uint32_t>(evictStep[index(layer, lane, token)]) > static_cast<std::uint32_t>(step);
    }
    /// Whether nothing leaves and every step attends to pages that were selected for it.
    bool selects() const { return pageTokens > 0; }
    /// Whether the model ran under the policy (closed loop); else it was replayed.
    bool isRun() const { return !run.logprob.empty(); }
    int pages() const { return selects() ? (tokens + pageTokens - 1) / pageTokens : 0; }
    int pageBytes() const { return (pages() + 7) / 8; }
    /// Bit 7 of a step's first byte is page 0, as numpy.packbits has it.
    const std::uint8_t* readRow(int layer, int lane, int step) const
    {
        return read.data() + index(layer, lane, step) * static_cast<std::size_t>(pageBytes());
    }
    bool readsPage(int layer, int lane, int page, int step) const
    {
        return (readRow(layer, lane, step)[page / 8] >> (7 - page % 8) & 1) != 0;
    }
    /// Whether `token` took part in the attention of `step`: stored before it, or its own token, and read.
    bool attends(int layer, int lane, int token, int step) const
    {
        const auto left = static_cast<std::uint32_t>(evictStep[index(layer, lane, token)]);
        return token <= step && left >= static_cast<std::uint32_t>(step) &&
               (!selects() || readsPage(layer, lane, token / pageTokens, step));
    }
    /// What a picture of `step` shows of a token: whether it is stored after the step; for policies that select pages, whether
    /// the step attends to it.
    bool shows(int layer, int lane, int token, int step) const
    {
        return selects() ? attends(layer, lane, token, step) : keeps(layer, lane, token, step);
    }
    /// Tokens that took part in the attention of `step`. Constant time; for policies that select pages one pass over the pages.
    int attendedCount(int layer, int lane, int step) const;
};

struct ReplayResult {
    std::vector<std::int32_t> tokenIds; ///< [T]
    std::vector<Layer> layers;          ///< the layers replayed
    int prompt = 0;
    std::map<std::string, std::string> manifest; ///< of the trace, plus Winnow's version and the device
    std::vector<std::shared_ptr<const PolicyReplay>> policies;
    /// Bytes of one stored slot of one lane (key and value in the trace's number type), per layer.
    std::vector<int> slotBytes;
    std::vector<float> logprob; ///< [T], of the full cache beside a run; empty without one

    /// What the manifest's "loop" says where replays and runs stand side by side.
    static constexpr const char* kBothLoops = "open and closed";
    /// Whether the model ran under the policies; else they were replayed over the recording of a full-cache run.
    bool closedLoop() const { return loopIs("closed"); }
    bool bothLoops() const { return loopIs(kBothLoops); }
    const char* loopName() const { return closedLoop() ? "closed loop" : bothLoops() ? "open and closed loop" : "open loop"; }

private:
    bool loopIs(const char* name) const
    {
        const auto loop = manifest.find("loop");
        return loop != manifest.end() && loop->second == name;
    }
};

/// `oracle` (oracleMass or futureMass) minus the policy's own mass, [layers, lanes, T]: its regret at every step; empty where
/// there is no oracle. Against the greedy oracle it may be negative at a step, since that oracle gives up mass now to keep more
/// later.
std::vector<float> regretAgainst(const PolicyReplay& policy, std::span<const float> oracle);

/// Logical bytes (slots stored) and physical bytes (lanes padded to their layer's longest) after `step`.
struct CacheBytes {
    std::uint64_t logical = 0, physical = 0;
};
CacheBytes cacheBytes(const ReplayResult& result, const PolicyReplay& policy, Step step);

/// Slots stored per lane, mean over all lanes and the steps [begin, end). It exceeds the budget for policies that choose once, at
/// the prompt's end, and then only append. NaN without steps.
double meanStored(const PolicyReplay& policy, int begin, int end);

/// Number of choices of a policy with scores. A choice is a pair of lane and step at which something left.
struct ChoiceCount {
    std::int64_t made = 0;
    std::int64_t tied =
        0; ///< choices in which a victim scored as high as the lowest slot that stayed (in float32), so that the tie rule decided
};
ChoiceCount countChoices(const PolicyReplay& policy);

} // namespace winnow
