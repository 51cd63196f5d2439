// SPDX-License-Identifier: GPL-3.0-or-later
// Whoever can run a kernel text (core/kernels/prelude.h) on the host: the CPU's team of one, a team of 32 whose calls come in a
// chosen order, and a block of threads.
#pragma once

#include "tests/support/team_of_32.h"
#include "tests/support/thread_block.h"

#include <optional>

namespace winnow::testing_support {

/// One of them. Without an order and threads: the CPU's team.
struct AnyTeam {
    std::optional<CallOrder> order{}; ///< of a team of 32
    int threads = 0;                  ///< of a block, a power of two

    /// work(team), by each of its workers.
    template <class Work>
    void run(const Work& work) const
    {
        if (order)
            work(TeamOf32(*order));
        else if (threads > 0)
            runOnThreads(threads, [&](const auto& team, int) { work(team); });
        else
            work(kernel::HostTeam());
    }
};

inline constexpr AnyTeam kCpuTeam{};
inline constexpr AnyTeam kForward{.order = CallOrder::Forward}, kBackward{.order = CallOrder::Backward},
    kShuffled{.order = CallOrder::Shuffled};
/// A block of `threads` threads.
constexpr AnyTeam blockOf(int threads) { return {.threads = threads}; }

} // namespace winnow::testing_support
