// SPDX-License-Identifier: GPL-3.0-or-later
// A layer of a trace as prompt-time scorers see it.
#pragma once

#include "core/policy/prompt_layer.h"
#include "core/replay/device_columns.h"

#include <map>

namespace winnow {

/// Thrown by the getters of TracePromptLayer when the trace cannot be read; caught where the scorers are called.
struct PromptReadFailed {
    Error error;
};

/// Reads rows when they are first asked for, and has them brought to the device of the tensors: nothing here waits for that
/// device. The trace and the tables must outlive it.
class TracePromptLayer final : public PromptLayer {
public:
    TracePromptLayer(const Trace& trace, int layerIndex, int prompt, at::Device device, RotaryTables& tables);
    /// The same over all tokens of the trace, including those that a sliding window hides at the end of the prompt.
    static TracePromptLayer whole(const Trace& trace, int layerIndex, at::Device device, RotaryTables& tables);
    /// Received attention comes from there, where it has some. `byGpu` must outlive this.
    void takeReceivedFrom(ReceivedByGpu& byGpu) { m_byGpu = &byGpu; }
    /// The first token of layer `layer` that is live at the end of a prompt.
    static int firstLive(const LayerInfo& layer, int prompt);

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
    /// `rows` of the host, on the device of the tensors.
    at::Tensor onDevice(const at::Tensor& rows) const;
    /// `rows` of the positions from `begin` on, rotated in place.
    at::Tensor rotated(at::Tensor rows, int begin) const;
    /// Scaled, capped logits of queries [begin, end) on the first `keyCount` live tokens, [Hq, end − begin, keyCount].
    at::Tensor logitsOf(int begin, int end, int keyCount);
    /// Attention of the queries [begin, end) on the live tokens up to themselves, [Hq, end − begin, end − first].
    at::Tensor rowsOf(int begin, int end);
    /// receivedAttention as `m_byGpu` has it; undefined where it has none.
    at::Tensor receivedByGpu() const;

    const Trace& m_trace;
    int m_index;
    const LayerInfo& m_info;
    at::Device m_device;
    RotaryTables& m_tables;
    ReceivedByGpu* m_byGpu = nullptr;
    at::Tensor m_keys, m_plainKeys, m_values, m_queries, m_rotatedQueries, m_norms, m_received;
    std::map<int, at::Tensor> m_rows;
};

} // namespace winnow
