// SPDX-License-Identifier: GPL-3.0-or-later
// One layer at the end of the prompt, as prompt-time scorers see it: the rows of the full-cache run over the tokens that the
// layer can still attend to. Tensors live on one device, so that a scorer is written once for the CPU and for CUDA.
#pragma once

#include "core/policy/lane_parts.h"

#include <ATen/ATen.h>

namespace winnow {

/// Hq query heads, Hkv KV heads, n live tokens (all of the prompt, but for sliding-window layers), d head dimension. All
/// tensors are float32 unless said; what is expensive is computed once and kept as long as the layer. One thread at a time.
class PromptLayer {
public:
    virtual ~PromptLayer() = default;

    int layer = 0; ///< the model's number
    int queryHeads = 0, keyHeads = 0, headDim = 0;
    int first = 0, tokens = 0;             ///< live tokens are [first, first + tokens); the prompt has first + tokens tokens
    at::ScalarType modelType = at::kFloat; ///< numbers that the model ran in
    int prompt() const { return first + tokens; }
    int group() const { return queryHeads / keyHeads; }

    virtual at::Tensor keys() = 0;             ///< rotated at their positions, [Hkv, n, d]
    virtual at::Tensor keyNorms() = 0;         ///< lengths of `keys`, float64 [Hkv, n]; cheaper than those
    virtual at::Tensor plainKeys() = 0;        ///< before the rotary embedding
    virtual at::Tensor values() = 0;           ///< [Hkv, n, d]
    virtual at::Tensor plainQueries() = 0;     ///< of the live tokens, before the rotary embedding, not scaled, [Hq, n, d]
    virtual at::Tensor queries() = 0;          ///< the same, rotated at their positions
    virtual at::Tensor valueOutputNorms() = 0; ///< L1 norm of the value after its head's output projection, [Hq, n]
    /// Attention of the last `count` queries of the prompt on the live tokens, [Hq, count, n]; 0 where a query cannot look.
    virtual at::Tensor rows(int count) = 0;
    /// Scaled logits (softcap applied) of the queries of the live tokens [begin, end), without a causal mask: [Hq, end − begin,
    /// n].
    virtual at::Tensor logits(int begin, int end) = 0;
    /// Attention that each live token received from all queries of the prompt, float64 [Hq, n].
    virtual at::Tensor receivedAttention() = 0;
    /// cos and sin of the rotary embedding at `positions`, float32 [positions, pairs]; no columns without rotary embedding.
    virtual std::pair<at::Tensor, at::Tensor> rotaryAt(int begin, int end) = 0;
    virtual double logitScale() const = 0;
    virtual bool interleaved() const = 0; ///< rotary pairs are neighbors, not halves
};

/// L2 norms of rows [heads, n, d], as float64 [heads, n]; summed in single precision.
inline at::Tensor lengthsOf(const at::Tensor& rows)
{
    return at::linalg_vector_norm(rows, 2, at::IntArrayRef{-1}).to(at::kDouble);
}

/// The units of a policy, and how per-head numbers become theirs.
struct PromptUnits {
    Granularity granularity = Granularity::Kv;
    GroupReduction group = GroupReduction::Mean;
    int queryHeads = 0, keyHeads = 0;

    int count() const { return granularity == Granularity::Query ? queryHeads : granularity == Granularity::Kv ? keyHeads : 1; }
    /// [Hq, …] → [units, …], by the group's reduction.
    at::Tensor ofQueryHeads(const at::Tensor& perHead) const;
    /// [Hkv, …] → [units, …]: repeated for query heads, by the group's reduction for a layer.
    at::Tensor ofKeyHeads(const at::Tensor& perHead) const;
};

/// How much each live token of the prompt matters, once, at the prompt's end.
class PromptScorer {
public:
    virtual ~PromptScorer() = default;
    /// float64 [units, n]; higher is more worth keeping. Tokens that the protection keeps may hold anything.
    virtual at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const = 0;
    /// How much the layer as a whole matters, for budgets that ask for it: float64, one number; undefined = 1.
    virtual at::Tensor preference(PromptLayer&) const { return {}; }
    /// For recipes that merge: what goes into what before anything leaves, by unit (none: no list), in this order. Slots are live
    /// tokens, counted from 0.
    virtual std::vector<std::vector<Merge>> merges(PromptLayer&, const PromptUnits&) const { return {}; }
};

} // namespace winnow
