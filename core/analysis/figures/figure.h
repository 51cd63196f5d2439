// SPDX-License-Identifier: GPL-3.0-or-later
// A figure: its kind (what it is called, needs and reads, how its numbers are made) and, once made, its numbers with their tables
// and words. Free of Torch and Qt, so a build without a window still gives the numbers; views/paper draws them.
#pragma once

#include "core/analysis/figures/figure_options.h"
#include "core/analysis/paper_tables.h"
#include "core/analysis/policy_inks.h"
#include "core/analysis/score_grid.h"
#include "core/analysis/tables.h"
#include "core/base/check.h"
#include "core/base/job_context.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace winnow {

/// Both: replay and trace; Runs: replays, and runs of their policies; Answers: files of answers; Cells: files of sweeps.
enum class FigureNeeds { Trace, Replay, Both, Runs, Answers, Cells };
/// Whether such a figure is made from files of answers or sweeps, not from recordings and replays.
inline bool isOfResults(FigureNeeds needs) { return needs == FigureNeeds::Answers || needs == FigureNeeds::Cells; }

/// Recordings that are made one at a time and may be gone once the next one is asked for: `winnow figure --texts`.
struct TraceSeries {
    std::size_t count = 0;
    /// Number i, or nullptr for one that is left out. In order, each once.
    std::function<Result<std::shared_ptr<const Trace>>(std::size_t i, const JobContext& job)> open;
};

/// Everything the figure may look at. Figures that average take several traces, and after them those of the series; the policies
/// of several replays over the same tokens and layers stand side by side.
struct FigureInputs {
    std::vector<std::shared_ptr<const Trace>> traces;
    TraceSeries series;
    std::vector<std::shared_ptr<const ReplayResult>> replays;
    std::vector<std::string> replayNames; ///< of their files, for sentences; empty = they are told by their number
    std::vector<ScoreGrid> grids;         ///< of answers; all of the same lengths and depths
    std::vector<CellResult> cells;        ///< of sweeps
    std::vector<PaperTable> papers;       ///< that are published
};

/// What a figure shows, of a type of its own, with the function that makes tables of it. Does not change; copies share it.
class FigureNumbers {
public:
    FigureNumbers() = default;
    /// `tables` may borrow from the numbers that it is given.
    template <class Numbers>
    FigureNumbers(Numbers numbers, Tables (*tables)(const Numbers&)) : m_type(typeid(Numbers))
    {
        auto shared = std::make_shared<const Numbers>(std::move(numbers));
        m_tables = [shared, tables] { return tables(*shared); };
        m_numbers = std::move(shared);
    }
    /// nullptr where they are of another type.
    template <class Numbers>
    const Numbers* find() const
    {
        return m_type == std::type_index(typeid(Numbers)) ? static_cast<const Numbers*>(m_numbers.get()) : nullptr;
    }
    /// Stops the program where they are of another type.
    template <class Numbers>
    const Numbers& as() const
    {
        const Numbers* numbers = find<Numbers>();
        WINNOW_CHECK(numbers, "the figure's numbers are of type {}", m_type.name());
        return *numbers;
    }
    /// Valid while these numbers or a copy live.
    Tables tables() const { return m_tables ? m_tables() : Tables(); }

private:
    std::shared_ptr<const void> m_numbers;
    std::type_index m_type = typeid(void);
    std::function<Tables()> m_tables;
};

struct Figure {
    std::string name, title, caption; ///< caption: loop, step, reduction, what was averaged; the note where something differs
    std::map<std::string, std::string> manifest;
    FigureNumbers numbers;
    std::vector<PolicyInk> inks; ///< per policy of the inputs
};

/// An option that a figure reads.
struct FigureReads {
    std::string_view word; ///< of the table of options: "--mode"
    /// Whether it is read with these other options; nullptr = always.
    bool (*when)(const FigureOptions& options) = nullptr;
    std::string_view condition = {}; ///< `when` in words, to follow "is read": "with --transform cwt only"
};

/// A kind of figure. One line of figure_list.h adds it to the catalog.
struct FigureKind {
    std::string_view name, title, summary;
    FigureNeeds needs = FigureNeeds::Trace;
    bool averages = false;               ///< takes several recordings, and those of `--texts`
    bool cells = false;                  ///< takes files of sweeps in place of what it needs
    bool looksAtTrace = false;           ///< of replays: shows more where the recording is given, too
    std::string_view transform = "dwt";  ///< where --transform is not given
    int levels = 5;                      ///< where --levels is not given; 0 = as many as the distance needs
    std::vector<FigureReads> reads = {}; ///< every figure reads --width and --dpi as well
    /// `check` and `make` get options whose transform and levels are set.
    /// What is wrong with the options together, before anything is opened; nullptr = nothing can be.
    Result<void> (*check)(const FigureOptions& options) = nullptr;
    /// Computes the numbers. Fills caption, manifest and numbers, and the title where it is not the kind's. Any thread.
    Result<Figure> (*make)(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                           const JobContext& job) = nullptr;
};

} // namespace winnow
