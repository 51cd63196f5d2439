// SPDX-License-Identifier: GPL-3.0-or-later
// The attention that tokens received, by a GPU: from queries, keys and row normalizers, without the attention matrix. Several
// layers are asked for before the first is waited for. Free of Torch.
#pragma once

#include "core/base/job_context.h"
#include "core/device/gpu.h"
#include "core/replay/rotary_tables.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace winnow {

/// A GPU that adds up the attention that tokens received.
struct ColumnsGpu {
    std::shared_ptr<Gpu> gpu;         ///< null: there is none, or it failed
    bool mayFail = false;             ///< whether others do its work where it fails
    std::uint64_t room = 0;           ///< bytes that it may hold at a time; one layer it takes anyway
    std::vector<std::string> notes{}; ///< sentences: that its memory ran out, that it failed
};

/// The tokens of a layer that look at each other: [first, end).
struct LayerTokens {
    int layer = 0; ///< its index in the trace
    int first = 0, end = 0;
    int count() const { return end - first; }
};

/// Goes through the layers of a trace. One thread.
class ReceivedByGpu {
public:
    /// `layers`: in the order in which they will be wanted. What is passed in must outlive this.
    ReceivedByGpu(ColumnsGpu& on, const Trace& trace, std::vector<LayerTokens> layers, const JobContext& job);

    /// What each token of layer `layer` received from all queries that see it, [query heads, tokens]; once. A layer that is not
    /// there yet is asked for with as many of those behind it as there is room for, and then waited for. Nothing where the GPU
    /// failed and may. Errors: reading the trace, cancelled, those of the GPU.
    Result<std::optional<std::vector<double>>> take(int layer);

    /// That a layer takes of the GPU's memory.
    static std::uint64_t bytes(const LayerInfo& layer, int tokens);

private:
    /// A layer's rows, the tokens in order, the queries not scaled, as the kernel reads them.
    struct KernelRows {
        std::vector<float> keys, queries, lse;
    };
    /// A layer that the GPU is at work on.
    struct Asked {
        LayerTokens tokens;
        GpuMemory keys, queries, lse, sums, parts;
    };

    const LayerInfo& infoOf(const LayerTokens& tokens) const;
    Result<KernelRows> read(const LayerTokens& tokens);
    Result<Asked> ask(Gpu& gpu, const LayerTokens& tokens, const KernelRows& rows) const;
    Result<std::vector<double>> collected(Gpu& gpu, const Asked& asked) const;
    /// `layer` and those behind it, to m_done.
    Result<void> work(Gpu& gpu, int layer);
    Result<void> failed(const Error& error);

    ColumnsGpu& m_on;
    const Trace& m_trace;
    std::vector<LayerTokens> m_layers;
    const JobContext& m_job;
    RotaryTables m_tables;
    std::map<int, std::vector<double>> m_done; ///< by layer
};

} // namespace winnow
