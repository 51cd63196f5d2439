// SPDX-License-Identifier: GPL-3.0-or-later
// The workers of a recipe's parts on one unit: plain arrays, one call per step. The CPU engine runs one per unit.
// Slots are in chronological order; `positions` ascend. The engine erases victims from the cache and tells the scorer.
#pragma once

#include "core/cache/erase_slots.h"
#include "core/cache/merge.h"
#include "core/policy/recipe.h"

#include <span>

namespace winnow {

/// Candidates: slots [begin, end). What lies outside is protected.
struct SlotChoice {
    int step = 0;
    std::span<const std::int32_t> positions; ///< all live slots
    std::span<const double> scores;          ///< of all live slots; empty without a scorer
    int begin = 0, end = 0;
    int count = 1; ///< how many must go, ≤ end − begin
};

/// Vectors of a unit's heads, for parts that look at more than attention rows: float32, [headDim] each. Pointers are valid until
/// the next step; no call in between makes them invalid. Reading them costs nothing but the memory access. One thread at a time.
class LaneVectors {
public:
    virtual ~LaneVectors() = default;
    LaneInModel lane;                              ///< the lane that the vectors belong to
    int headDim = 0, queryHeads = 0, keyHeads = 0; ///< of the unit
    float softcap = 0;
    virtual const float*
    key(int keyHead, std::int32_t token) const = 0; ///< of a token that the lane holds: rotated at the token's own position, [d]
    virtual const float* value(int keyHead, std::int32_t token) const = 0; ///< of a token that the lane holds, [d]
    virtual const float* query(int queryHead) const = 0;                   ///< of the present step: rotated, times the scale, [d]
    /// Full attention that each token of the text receives in all, mean over the unit's heads, [T]; empty unless the recipe asks
    /// for it (Recipe::foresees).
    virtual std::span<const double> foreseen() const = 0;
};

/// A scorer's worker for one unit. Calls of one step, in this order: wantsQuery and wantsRow, look, observe, scores, erased. One
/// thread.
class LaneScorer {
public:
    virtual ~LaneScorer() = default;
    /// Called once, before the first step; `vectors` lives as long as the scorer.
    virtual void attach(const LaneVectors&) {}
    /// Whether this step's query is needed, `promptLeft` as below; `look` is then called, before anything else of the step.
    virtual bool wantsQuery(int /*promptLeft*/) const { return false; }
    virtual void look(int /*step*/) {}
    /// Whether this step's row is needed. `mayEvict`: something may have to go at its end. `promptLeft`: rows of the prompt
    /// that are still to come after this one; negative after the prompt.
    virtual bool wantsRow(bool mayEvict, int promptLeft) const = 0;
    /// `row`: the unit's softmax over its live slots, the new one last. Called only for the steps that wantsRow asked for. If
    /// `row` is longer than the last one, the slots at its end were appended since.
    virtual void observe(int step, std::span<const std::int32_t> positions, std::span<const float> row) = 0;
    /// Whether rows are shown as shares of the full attention, instead of the softmax over the live slots.
    virtual bool wantsShares() const { return false; }
    /// Higher is more worth keeping; one per live slot; valid until the next call.
    virtual std::span<const double> scores(int step, std::span<const std::int32_t> positions) = 0;
    /// The choice at the prompt's end was made for the whole layer (policy/prompt_layer.h): `scores` are its scores, one per live
    /// slot. Called only if that choice evicts something; `erased` follows.
    virtual void chosenBeforehand(std::span<const double> /*scores*/) {}
    /// The slots `victims` (ascending) have left.
    virtual void erased(std::span<const int> victims) = 0;
};

/// The slots of a unit as they are now, merged ones included.
class LaneSlots {
public:
    virtual ~LaneSlots() = default;
    int headDim = 0, keyHeads = 0;                             ///< of the unit
    virtual const float* key(int keyHead, int slot) const = 0; ///< [d]
    virtual int tokens(int slot) const = 0;                    ///< that it stands for
};

/// A selector's worker for one unit. One thread.
class LaneSelector {
public:
    virtual ~LaneSelector() = default;
    /// At least `choice.count` slots, ascending, into `victims`. Equal scores keep the lower position.
    virtual void choose(const SlotChoice& choice, std::vector<int>& victims) = 0;
    /// For selectors that compare two slots at a time, asked right after `choose`: for each victim the slot that it lost to, −1 =
    /// none. That slot may itself be a later victim of the same step. Empty for selectors that compare each candidate with all
    /// others. Valid until the next call.
    virtual std::span<const int> lostTo() const { return {}; }
    /// For recipes that merge, right after `choose` and before its victims leave: what goes into what, in this order.
    virtual void merges(const LaneSlots&, std::vector<Merge>&) {}
};

/// Which pages a step attends to; see Reader.
class LaneReader {
public:
    virtual ~LaneReader() = default;
    /// Called once, before the first step; `vectors` lives as long as the reader.
    virtual void attach(const LaneVectors&) {}
    /// Whether the row of the full attention is needed, mean over the unit's heads.
    virtual bool wantsRow() const { return false; }
    /// Pages that `step` reads, ascending, into `pages`. `first`: the oldest token that the layer can still attend to; `row`: of
    /// the tokens [first, step], empty unless asked for.
    virtual void read(int step, int first, std::span<const float> row, std::vector<int>& pages) = 0;
};

} // namespace winnow
