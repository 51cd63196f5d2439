// SPDX-License-Identifier: GPL-3.0-or-later
// A layer of a trace as prompt-time scorers see it.
#pragma once

#include "core/device/gpu.h"
#include "core/policy/prompt_layer.h"
#include "core/trace/rotary.h"

#include <map>
#include <memory>
#include <string>

namespace winnow {

/// Thrown by the getters of TracePromptLayer when the trace cannot be read; caught where the scorers are called.
struct PromptReadFailed {
    Error error;
};

/// Rotary tables of the positions [0, prompt), which most layers of a model share. One thread.
class RotaryTables {
public:
    explicit RotaryTables(int prompt) : m_prompt(prompt) {}
    /// Made at the first call; stays where it is.
    const RotaryTable& of(const LayerInfo& layer);

private:
    int m_prompt;
    std::map<std::pair<std::vector<float>, float>, RotaryTable> m_tables; ///< by frequencies and rotary scale
};

/// A GPU that adds up the attention that tokens received.
struct ColumnsGpu {
    std::shared_ptr<Gpu> gpu; ///< null: the tensors' device does it
    bool mayFail = false;     ///< whether the tensors' device goes on where the GPU fails
    std::string failed{};     ///< why it did; then `gpu` is null
};

/// Reads rows when they are first asked for. The trace and the tables must outlive it.
class TracePromptLayer final : public PromptLayer {
public:
    TracePromptLayer(const Trace& trace, int layerIndex, int prompt, at::Device device, RotaryTables& tables);
    /// The same over all tokens of the trace, including those that a sliding window hides at the end of the prompt.
    static TracePromptLayer whole(const Trace& trace, int layerIndex, at::Device device, RotaryTables& tables);
    /// `columns` must outlive this.
    void addColumnsOn(ColumnsGpu& columns) { m_columns = &columns; }

    at::Tensor keys() override;
    at::Tensor keyNorms() override;
    at::Tensor plainKeys() override;
    at::Tensor values() override;
    at::Tensor plainQueries() override;
    at::Tensor queries() override;
    at::Tensor valueOutputNorms() override;
    at::Tensor rows(int count) override;
    at::Tensor logits(int begin, int end) override;
    at::Tensor receivedAttention() override;
    std::pair<at::Tensor, at::Tensor> rotaryAt(int begin, int end) override;
    double logitScale() const override { return m_info.scale; }
    bool interleaved() const override { return m_info.layout == RotaryLayout::Interleaved; }

private:
    at::Tensor read(Rows what, int begin, int end) const;
    /// `rows` of the positions from `begin` on, rotated in place.
    at::Tensor rotated(at::Tensor rows, int begin) const;
    /// Scaled, capped logits of queries [begin, end) on the first `keyCount` live tokens, [Hq, end − begin, keyCount].
    at::Tensor logitsOf(int begin, int end, int keyCount);
    /// Attention of the queries [begin, end) on the live tokens up to themselves, [Hq, end − begin, end − first].
    at::Tensor rowsOf(int begin, int end);
    /// receivedAttention, by the GPU; undefined where there is none, or it failed and may.
    at::Tensor receivedByGpu();

    const Trace& m_trace;
    int m_index;
    const LayerInfo& m_info;
    at::Device m_device;
    RotaryTables& m_tables;
    ColumnsGpu* m_columns = nullptr;
    at::Tensor m_keys, m_plainKeys, m_values, m_queries, m_rotatedQueries, m_norms, m_received;
    std::map<int, at::Tensor> m_rows;
};

} // namespace winnow
