// SPDX-License-Identifier: GPL-3.0-or-later
// A recording that is still being made, with its rows in memory: who reads ahead of it waits. A replay of it follows the
// recorder.
#pragma once

#include "core/trace/trace.h"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace winnow::app {

/// The recording thread appends; any thread reads. What read() gives is what the finished file will give.
class GrowingTrace final : public Trace {
public:
    /// `info`: tokens, text and attributes in full. `half`: the file will hold float16.
    GrowingTrace(TraceInfo info, std::filesystem::path path, bool half);

    /// Memory for all its rows.
    static std::uint64_t bytes(const TraceInfo& info);

    /// As TraceWriter::append.
    void append(int layerIndex, Rows what, std::span<const float> rows);
    void advance(int tokens); ///< of these all rows are there
    void end();               ///< no more rows come: who waits for some gets an error, code Cancelled

    const TraceInfo& info() const override { return m_info; }
    const std::filesystem::path& path() const override { return m_path; }
    /// Waits for rows that are still to come. Errors: end(); rows beyond float16, which the file would not hold as they are.
    Result<void> read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const override;

private:
    struct Piece {
        int begin = 0, count = 0;
        std::vector<float> rows; ///< [heads, count, d]
    };
    std::vector<Piece>& pieces(int layerIndex, Rows what);
    int width(int layerIndex, Rows what) const; ///< d; 1 for a number per row

    TraceInfo m_info;
    std::filesystem::path m_path;
    bool m_half;
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_more;
    std::vector<std::vector<Piece>> m_pieces; ///< [layer][kind of rows]
    int m_tokens = 0;
    bool m_ended = false;
};

} // namespace winnow::app
