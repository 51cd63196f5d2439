// SPDX-License-Identifier: GPL-3.0-or-later
// A causal transformer with its weights on a device, and the ways to run it: forward over tokens, in chunks, or token by token
// with its cache, while an observer sees what every layer computed. Families differ only in a table:
// core/model/families/family.h.
#pragma once

#include "core/base/indices.h"
#include "core/base/job_context.h"
#include "core/model/config/model_config.h"
#include "core/model/run/layer_cache.h"
#include "core/trace/trace.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace winnow {

/// What one layer computed for a chunk of n tokens. Borrowed: valid during the call; on the model's device, in its dtype.
struct LayerRows {
    at::Tensor q;   ///< [Hq, n, d], after any normalization and scaling, before the rotary embedding
    at::Tensor k;   ///< [Hkv, n, d], likewise
    at::Tensor v;   ///< [Hkv, n, d]
    at::Tensor o;   ///< [Hq, n, d], attention output before the output projection
    at::Tensor lse; ///< [Hq, n] float32, log of the sum of exp(logit) over the row, softcap and window applied
};

/// Sees a forward pass go by, on the thread that runs it. An error returned ends the pass.
class ForwardObserver {
public:
    virtual ~ForwardObserver() = default;
    virtual Result<void> layerRows(Layer layer, Position begin, const LayerRows& rows) = 0;
    /// `logits`: [n, vocabulary] float32, for the tokens from `begin` on.
    virtual Result<void> logits(Position begin, const at::Tensor& logits) = 0;
    /// What the layer hands to the next one: [n, hidden].
    virtual Result<void> hiddenState(Layer, Position, const at::Tensor&) { return {}; }
    /// False spares the model the row normalizers and the copies it would make for layerRows.
    virtual bool wantsLayerRows() const { return true; }
    /// False: logits are made for the last token of each call only.
    virtual bool wantsAllLogits() const { return true; }
};

struct LoadOptions {
    at::ScalarType dtype = at::kFloat; ///< the type the model runs in
    /// Layers are spread over them in order, as evenly as whole layers go; the embedding is on the first, the output matrix on
    /// the last.
    std::vector<at::Device> devices{at::kCPU};
    std::vector<at::Device> spare; ///< further devices, used when `devices` have too little memory for the weights
    /// Each layer is read from its file whenever it is run and dropped afterwards. This needs memory for one layer only, and is
    /// slow.
    bool streamed = false;
};

/// A text that is being run: its keys and values stay, so that a further token costs one step. One thread at a time; the model
/// must outlive it.
class RunningText {
public:
    virtual ~RunningText() = default;
    virtual int length() const = 0; ///< tokens so far
    /// Continues after the first `length` tokens of its text, with which the cache was filled by other means.
    virtual void standAt(int length) = 0;
    /// Runs further tokens, `chunk` at a time; no more in all than begin() was told.
    virtual Result<void> advance(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                                 const JobContext& job) = 0;
    /// The same, bit for bit, a layer at a time over all of `tokens`: layer 0 sees all chunks, then layer 1, and so on, and the
    /// cache settles once. A cache whose layers evict at the end of the tokens then holds no more than one layer whole. Memory:
    /// the hidden states of all tokens.
    virtual Result<void> advanceByLayer(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                                        const JobContext& job) = 0;
};

/// Transformer::layerInfo, of a model that is not loaded.
LayerInfo layerInfoOf(const ModelConfig& config, Layer layer, int tokens);

class Transformer {
public:
    /// Opens what resolveModel finds: config.json and safetensors, one file or shards; or a GGUF file. Errors name file, tensor,
    /// found, expected.
    static Result<std::unique_ptr<Transformer>> load(const std::filesystem::path& model, const LoadOptions& options,
                                                     const JobContext& job);
    virtual ~Transformer() = default;
    virtual const ModelConfig& config() const = 0;
    /// Where its layers are: "cpu", "cuda:0,cuda:1", "cpu, layer by layer from disk".
    virtual std::string placement() const = 0;
    /// As the trace stores it, without rows: scale, window, softcap, and the rotary frequencies of a text of `tokens` in all.
    virtual LayerInfo layerInfo(Layer layer, int tokens) const = 0;
    /// The weight of a layer's output projection, [hidden, Hq · d], in the dtype and on the device that the model runs in; head h
    /// owns the columns h · d to (h + 1) · d. Shared with the model: not to be written to. Fails only where layers are streamed.
    virtual Result<at::Tensor> outputProjection(Layer layer) const = 0;
    /// A text of at most `tokens` positions, which also choose the rotary frequencies where these depend on the length. It
    /// attends to `cache`.
    virtual Result<std::unique_ptr<RunningText>> begin(int tokens, std::unique_ptr<LayerCache> cache) const = 0;
    /// The same with a full cache.
    Result<std::unique_ptr<RunningText>> begin(int tokens) const { return begin(tokens, fullCache(tokens)); }
    /// Runs `tokens` with a full cache, `chunk` tokens at a time, so that memory grows with T and not with T².
    Result<void> forward(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer, const JobContext& job) const;
};

} // namespace winnow
