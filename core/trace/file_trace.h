// SPDX-License-Identifier: GPL-3.0-or-later
// The trace behind Trace::open: its datasets, read at each call.
#pragma once

#include "core/io/hdf5.h"
#include "core/trace/trace.h"
#include "core/trace/trace_layout.h"

#include <array>
#include <mutex>
#include <optional>

namespace winnow {

/// The datasets of one layer, in the order of trace_layout::kRows; those that the file lacks are unset.
using LayerSets = std::array<std::optional<Hdf5Dataset>, trace_layout::kRows.size()>;

class FileTrace final : public Trace {
public:
    /// `layers`: of the shapes that `info` says. `checked`: normalizers that do not belong to their rows are an error.
    FileTrace(std::filesystem::path path, TraceInfo info, std::vector<LayerSets> layers, bool checked)
        : m_path(std::move(path)), m_info(std::move(info)), m_layers(std::move(layers)), m_checked(checked),
          m_looked(m_layers.size())
    {
    }

    const TraceInfo& info() const override { return m_info; }
    const std::filesystem::path& path() const override { return m_path; }
    Result<void> read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const override
    {
        return readHeads(layerIndex, what, Head{}, heads(layerIndex, what), begin, end, out);
    }
    Result<void> readHeads(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                           std::span<float> out) const override;

private:
    /// As readHeads; every number is looked at, but not what normalizers belong to.
    Result<void> readRows(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                          std::span<float> out) const;
    /// Looks at a layer's normalizers when they are first read.
    Result<void> checkNormalizers(int layerIndex) const;

    struct Looked {
        std::mutex mutex;
        bool done = false;
        std::string wrong; ///< as wrongNormalizers has it
    };

    std::filesystem::path m_path;
    TraceInfo m_info;
    std::vector<LayerSets> m_layers;
    bool m_checked;
    mutable std::vector<Looked> m_looked; ///< [layer]
};

} // namespace winnow
