// SPDX-License-Identifier: GPL-3.0-or-later
// The workers of a recipe's parts on batched tensors: [units, slots], padded to the longest unit. The same code runs on the CPU
// and on CUDA, and the tests compare the per-unit workers with it.
#pragma once

#include "core/policy/lane_parts.h"

#include <ATen/ATen.h>

namespace winnow {

/// One step of all units. Slots in chronological order; padding at the end of each row.
struct TensorStep {
    int step = 0;
    at::Tensor positions; ///< int64 [units, slots]; padding −1
    at::Tensor live;      ///< bool [units, slots]
    at::Tensor row;       ///< float32 [units, slots], the units' softmax rows, 0 in the padding; undefined if no scorer wants it
};

class TensorScorer {
public:
    virtual ~TensorScorer() = default;
    /// Vectors of every unit, on the host, for workers that are not tensors (policy/host_workers.h); they live as long as this.
    virtual void attach(const std::vector<const LaneVectors*>&) {}
    virtual bool wantsQuery(int /*promptLeft*/) const { return false; }
    virtual void look(int /*step*/) {}
    virtual bool wantsRow(bool mayEvict, int promptLeft) const = 0;
    virtual bool wantsShares() const { return false; }
    virtual void observe(const TensorStep& step) = 0;
    /// float64 [units, slots]; padding is ignored. Once a step: further choices of the step work on the same numbers.
    virtual at::Tensor scores(const TensorStep& step) = 0;
    /// Per-slot states, each [units, slots], that the cache compacts when victims leave. Narrower than the slots = padded with
    /// zeros.
    virtual std::vector<at::Tensor*> states() = 0;
    /// As LaneScorer::chosenBeforehand; `leaving`: bool, `scores`: float64, both [units, slots].
    virtual void chosenBeforehand(const at::Tensor& /*leaving*/, const at::Tensor& /*scores*/) {}
    /// The slots of `leaving` (bool [units, slots]) are gone; for workers without such states.
    virtual void erased(const at::Tensor& /*leaving*/) {}
};

class TensorSelector {
public:
    virtual ~TensorSelector() = default;
    /// The slot that goes in every unit where `active` (bool [units]); int64 [units], any value elsewhere.
    /// `candidates`: bool [units, slots], one run of slots. `round` counts the choices of this step from 0.
    virtual at::Tensor choose(const TensorStep& step, const at::Tensor& scores, const at::Tensor& candidates,
                              const at::Tensor& active, int round) = 0;
    /// For selectors that name all at once: where `leavesAtOnce`, this is called instead, with how many must go at least
    /// (int64 [units], 0 or less: none); bool [units, slots].
    virtual bool leavesAtOnce() const { return false; }
    virtual at::Tensor leaving(const TensorStep&, const at::Tensor& /*scores*/, const at::Tensor& /*candidates*/,
                               const at::Tensor& /*excess*/)
    {
        return {};
    }
    /// As LaneSelector::merges, of one unit, for selectors that name all at once.
    virtual void merges(int /*unit*/, const LaneSlots&, std::vector<Merge>&) {}
};

} // namespace winnow
