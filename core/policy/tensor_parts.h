// The workers of a recipe's parts on batched tensors: [units, slots], padded to the longest unit. Plain and device-free: the
// same code runs on the CPU and on CUDA, and is what the per-unit workers are tested against.
#pragma once

#include "core/policy/recipe.h"

#include <ATen/ATen.h>

namespace winnow {

/// One step of all units. Slots in chronological order; padding at the end of each row.
struct TensorStep {
    int step = 0;
    at::Tensor positions; ///< int64 [units, slots]; padding −1
    at::Tensor live;      ///< bool [units, slots]
    at::Tensor row;       ///< float32 [units, slots], the units' softmax rows, 0 in the padding; undefined if nobody wants it
};

class TensorScorer {
public:
    virtual ~TensorScorer() = default;
    virtual bool wantsRow(bool mayEvict, int promptLeft) const = 0;
    virtual void observe(const TensorStep& step) = 0;
    /// float64 [units, slots]; padding is ignored.
    virtual at::Tensor scores(const TensorStep& step) = 0;
    /// Per-slot state [units, slots] that the cache compacts when victims leave. Narrower than the slots = padded with zeros.
    virtual at::Tensor* state() = 0;
};

class TensorSelector {
public:
    virtual ~TensorSelector() = default;
    /// The slot that goes in every unit where `active` (bool [units]); int64 [units], any value elsewhere.
    /// `candidates`: bool [units, slots]. `round` counts the choices of this step from 0.
    virtual at::Tensor choose(const TensorStep& step, const at::Tensor& scores, const at::Tensor& candidates,
                              const at::Tensor& active, int round) = 0;
};

} // namespace winnow
