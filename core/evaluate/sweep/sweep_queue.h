// SPDX-License-Identifier: GPL-3.0-or-later
// Which cells are to be measured next, and by whom. Pure: who measures is elsewhere (app/cli/sweep).
#pragma once

#include "core/evaluate/sweep/sweep_cells.h"

#include <deque>
#include <map>
#include <optional>

namespace winnow {

/// Guards: every cell of `todo` is handed out, and ends as done or as failed. A unit of several that fails comes back cell by
/// cell, so that only the one that is to blame is lost.
class SweepQueue {
public:
    /// `todo`: indices of `cells`, ascending, which stay where they are.
    SweepQueue(const std::vector<SweepCell>& cells, const std::vector<std::size_t>& todo, std::size_t workers);

    /// The next unit for a worker that has none; empty: there is none at the moment. A worker gets cells of the model that it had
    /// last while there are some.
    std::vector<std::size_t> take(std::size_t worker);
    /// What the worker has.
    const std::vector<std::size_t>& heldBy(std::size_t worker) const { return m_held.at(worker); }
    bool isBusy() const { return m_busy > 0; }
    /// Whether all cells ended.
    bool isOver() const { return m_busy == 0 && m_waiting.empty(); }

    void done(std::size_t worker);
    /// `why`: a sentence. Cells of a unit of several wait again.
    void failed(std::size_t worker, const std::string& why);

    std::size_t doneCount() const { return m_done; }
    /// Cells that failed, and why.
    const std::map<std::size_t, std::string>& failures() const { return m_failures; }

private:
    std::vector<std::size_t> end(std::size_t worker);

    const std::vector<SweepCell>& m_cells;
    std::deque<std::vector<std::size_t>> m_waiting;
    std::vector<std::vector<std::size_t>> m_held;        ///< [workers]
    std::vector<std::optional<std::size_t>> m_lastModel; ///< [workers]
    std::size_t m_busy = 0, m_done = 0;
    std::map<std::size_t, std::string> m_failures;
};

} // namespace winnow
