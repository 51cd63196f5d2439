// SPDX-License-Identifier: GPL-3.0-or-later
// The file that a sweep writes its results to, a line a cell, so that a sweep that was stopped goes on where it ended.
#pragma once

#include "core/evaluate/sweep/sweep_cells.h"
#include "core/io/cell_result.h"
#include "core/io/line_log.h"

#include <optional>
#include <span>

namespace winnow {

/// Owns the file for one process, as LineLog does. Not thread-safe.
class CellLog {
public:
    /// Makes the file, or opens one that Winnow wrote. Refused: a file of another kind, a line that is no result, a file that
    /// another process writes, one that holds a cell which is not among `cells`: it is another plan's. A plan may have grown.
    static Result<CellLog> open(const std::filesystem::path& path, std::span<const SweepCell> cells);

    /// [cells], nothing where a cell has no result yet.
    const std::vector<std::optional<CellResult>>& results() const { return m_results; }
    bool holds(std::size_t cell) const { return m_results[cell].has_value(); }

    /// A contract check: the cell has no result. After an error the file is as it was.
    Result<void> append(std::size_t cell, CellResult result);

private:
    CellLog() = default;

    std::optional<LineLog> m_lines; ///< there once the file is open
    std::vector<std::optional<CellResult>> m_results;
};

} // namespace winnow
