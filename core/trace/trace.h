// SPDX-License-Identifier: GPL-3.0-or-later
// A trace: the recording of one full-cache run, as an HDF5 file that h5py, MATLAB and Julia open as it is.
// The layout is public; `docs/trace.md` lists it. Attention is not stored but derived: see trace/attention_source.h.
#pragma once

#include "core/base/indices.h"
#include "core/base/result.h"

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace winnow {

enum class RotaryLayout { Half, Interleaved };

/// What one layer needs, beside its rows, to derive attention from them.
struct LayerInfo {
    int queryHeads = 0;
    int keyHeads = 0; ///< KV heads; queryHeads is a multiple of it
    int headDim = 0;
    float scale = 1;   ///< logit = scale * q·k
    int window = 0;    ///< token t attends to i iff t - i < window; 0 = no window
    float softcap = 0; ///< logit = softcap * tanh(logit / softcap); 0 = none
    RotaryLayout layout = RotaryLayout::Half;
    float rotaryScale = 1;      ///< multiplies cos and sin of both q and k
    std::vector<float> invFreq; ///< [rotary dims / 2]; empty = no rotary embedding
    bool hasValueOutputNorm = false;

    int group() const { return queryHeads / keyHeads; }
    friend bool operator==(const LayerInfo&, const LayerInfo&) = default;
};

/// Everything of a trace but its rows.
struct TraceInfo {
    std::string config;                               ///< the model's config.json, as read
    std::string text;                                 ///< UTF-8
    std::vector<std::int32_t> tokens;                 ///< [T]
    std::vector<std::array<std::int32_t, 2>> offsets; ///< [T], byte range in `text`; empty range for special tokens
    std::vector<float> logprob;                       ///< [T], natural log of p(token t | tokens before it); NaN at 0
    std::map<std::string, std::string>
        manifest;                     ///< model, model_hash, tokenizer_hash, dtype, device, versions, text_hash, seed, …
    std::vector<Layer> layers;        ///< the layers recorded, ascending; some may be missing
    std::vector<LayerInfo> layerInfo; ///< one per entry of `layers`
    int prompt = 0;                   ///< tokens that were given, not generated
    bool complete = true;             ///< false: killed while recording; T is then what was flushed
};

enum class Rows { Query, Key, Value, Output, LogSumExp, ValueOutputNorm };

/// A finished (or cut short) recording, opened for reading. Immutable; every function may be called from any thread (HDF5 is
/// behind one lock). Rows are read from disk at each call: nothing of size T × d is kept.
class Trace {
public:
    /// Checks every shape and attribute before it returns. Errors name the file, the object, found and expected.
    static Result<std::shared_ptr<const Trace>> open(const std::filesystem::path& path);

    /// The same, but it also reads row normalizers that do not belong to their queries and keys, which `open` refuses. For
    /// trace_check.h, which finds out what is wrong.
    static Result<std::shared_ptr<const Trace>> openUnchecked(const std::filesystem::path& path);

    virtual ~Trace() = default;
    virtual const TraceInfo& info() const = 0;
    virtual const std::filesystem::path& path() const = 0;

    int tokenCount() const { return static_cast<int>(info().tokens.size()); }
    int layerCount() const { return static_cast<int>(info().layers.size()); }

    /// Rows [begin, end) of `what` of the recorded layer number `layerIndex` (an index into info().layers), as float32, into
    /// `out`, shape [heads, end - begin, d]; LogSumExp and ValueOutputNorm: [queryHeads, end - begin].
    virtual Result<void> read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const = 0;

    /// The same for the heads [first, first + count) only, shape [count, end - begin, d]: reads no more from disk than that.
    /// (The default is for traces that live in memory: it reads all heads and copies.)
    virtual Result<void> readHeads(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                                   std::span<float> out) const;

    /// Heads of `what` in that layer: KV heads for Key and Value, query heads for the rest.
    int heads(int layerIndex, Rows what) const;
    /// Number of floats `read` will write.
    std::size_t rowFloats(int layerIndex, Rows what, int rows) const;
};

/// The text of token t as it stands in the text, "" for a special token.
std::string_view tokenText(const TraceInfo& info, Position token);

} // namespace winnow
