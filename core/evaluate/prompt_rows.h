// SPDX-License-Identifier: GPL-3.0-or-later
// What a run computed for its prompt, as a trace in memory: the choices at the prompt's end are made from it as in a replay.
#pragma once

#include "core/model/run/transformer.h"

#include <vector>

namespace winnow {

/// Takes rows from a forward pass and hands them out as a trace does; no outputs are kept. Memory: queries, keys and values of
/// the prompt in single precision, of the layers that were not dropped. One thread.
class PromptRows final : public Trace {
public:
    /// `info`: of the whole text. `model`: for the lengths of values behind the output projection; null: there are none. Outlives
    /// this.
    PromptRows(TraceInfo info, int prompt, const Transformer* model);

    /// Of the positions from `begin` on; those beyond the prompt are not kept.
    Result<void> take(Layer layer, int begin, const LayerRows& rows);
    /// Frees the rows of a layer.
    void drop(Layer layer) { m_layers[static_cast<std::size_t>(raw(layer))] = {}; }

    const TraceInfo& info() const override { return m_info; }
    const std::filesystem::path& path() const override { return m_path; }
    Result<void> read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const override;

private:
    struct Held {
        at::Tensor queries, keys, values, lse, norms; ///< [heads, prompt, d], [heads, prompt]
    };

    TraceInfo m_info;
    int m_prompt;
    const Transformer* m_model;
    std::filesystem::path m_path;
    std::vector<Held> m_layers;
};

} // namespace winnow
