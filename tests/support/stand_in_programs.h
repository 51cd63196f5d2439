// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels as the host's compiler makes them, for a stand-in (stand_in_gpu.h), found by the text that NVRTC would be given.
#pragma once

#include "core/device/kernels/column_sums.h"
#include "core/device/kernels/oracle.h"
#include "core/device/kernels/walk.h"
#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/low_counts.h"
#include "core/policy/kernels/tree_scope.h"
#include "tests/support/thread_block.h"

#include <fmt/format.h>

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::testing_support {

/// A kernel.
struct StandInProgram {
    std::string statement; ///< what its workers do, as the text says it
    bool walks = false;    ///< its argument is a kernel::Walk
    std::size_t argumentBytes = 0;
    /// What one block does; 1 worker: the CPU's team.
    void (*run)(std::span<const std::byte> argument, int block, int workers) = nullptr;
};

/// What the entry of a kernel does on a device.
template <class Argument, class Text>
void runBlock(std::span<const std::byte> bytes, int block, int workers)
{
    Argument argument;
    std::memcpy(&argument, bytes.data(), sizeof(argument));
    if (workers == 1)
        Text::run(kernel::HostTeam(), argument, block);
    else
        runOnThreads(workers, [&](const auto& team, int) { Text::run(team, argument, block); });
}

template <class Scorer, class Selector>
struct Walks {
    template <class Team>
    static void run(const Team& team, const kernel::Walk& walk, int block)
    {
        kernel::LaneWalk<Scorer, Selector, Team>(team, walk, block).run();
    }
};
struct MakesOracle {
    template <class Team>
    static void run(const Team& team, const kernel::Oracle& oracle, int block)
    {
        kernel::oracleStripe(team, oracle, block);
    }
};

struct SumsColumns {
    template <class Team>
    static void run(const Team& team, const kernel::ColumnSums& of, int block)
    {
        kernel::sumColumns(team, of, block);
    }
};

inline const std::vector<StandInProgram>& standInPrograms()
{
    static const std::vector<StandInProgram> programs = [] {
        std::vector<StandInProgram> list;
        const auto add = [&]<class Scorer, class Selector>(Walks<Scorer, Selector>, const char* scorer, const char* selector) {
            list.push_back({fmt::format("LaneWalk<{}, {}, Team>", scorer, selector), true, sizeof(kernel::Walk),
                            runBlock<kernel::Walk, Walks<Scorer, Selector>>});
        };
        const auto addScorer = [&]<class Scorer>(Scorer, const char* scorer) {
            add(Walks<Scorer, kernel::LowestGoes>(), scorer, "LowestGoes");
            add(Walks<Scorer, kernel::OldestGoes>(), scorer, "OldestGoes");
            add(Walks<Scorer, kernel::RandomGoes>(), scorer, "RandomGoes");
            add(Walks<Scorer, kernel::TreeScope>(), scorer, "TreeScope");
            add(Walks<Scorer, kernel::DrawnByScore>(), scorer, "DrawnByScore");
        };
        addScorer(kernel::NoScorer(), "NoScorer");
        addScorer(kernel::AttentionSums(), "AttentionSums");
        addScorer(kernel::LastRow(), "LastRow");
        addScorer(kernel::DecayedSums(), "DecayedSums");
        addScorer(kernel::LowCounts(), "LowCounts");
        list.push_back({"oracleStripe(", false, sizeof(kernel::Oracle), runBlock<kernel::Oracle, MakesOracle>});
        list.push_back({"sumColumns(", false, sizeof(kernel::ColumnSums), runBlock<kernel::ColumnSums, SumsColumns>});
        return list;
    }();
    return programs;
}

/// The kernel of a text; null where there is none.
inline const StandInProgram* standInProgram(std::string_view text)
{
    for (const StandInProgram& program : standInPrograms())
        if (text.find(program.statement) != std::string_view::npos)
            return &program;
    return nullptr;
}

} // namespace winnow::testing_support
