// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for a GPU: the same text, compiled by the host's compiler, walks lanes in the host's memory. It keeps to what a GPU
// allows, can be small, and can be lost.
#pragma once

#include "core/device/gpu.h"
#include "core/device/kernels/oracle.h"
#include "core/device/kernels/walk.h"
#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/low_counts.h"
#include "core/policy/kernels/tree_scope.h"
#include "tests/support/thread_block.h"

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace winnow::testing_support {

class StandInGpu final : public Gpu {
public:
    std::size_t memory = std::size_t{1} << 30;
    std::size_t toldFree = memory;              ///< what it says is free; a GPU that others use says more than it has
    int workers = 1;                            ///< of a block: 1 = the CPU's team, more = threads
    int lostAfter = -1;                         ///< launches; −1 = never
    int lostAfterDownloads = -1;                ///< likewise
    kernel::Fault faults = kernel::Fault::None; ///< what the first lane of each launch is said to have stopped at
    int launches = 0, largest = 0;              ///< seen so far; most blocks of a launch

    std::string name() const override { return "stand-in"; }
    std::uint64_t freeBytes() const override { return toldFree; }
    Result<std::byte*> allocate(std::size_t bytes) override
    {
        if (m_used + bytes > memory)
            return fail(ErrorCode::OutOfMemory, "the stand-in has no {} bytes left", bytes);
        m_used += bytes;
        auto piece = std::make_unique<std::byte[]>(bytes);
        std::memset(piece.get(), 0xab, bytes); // what is not written is no zero
        std::byte* address = piece.get();
        m_pieces[address] = {std::move(piece), bytes};
        return address;
    }
    void release(std::byte* address) override
    {
        m_used -= m_pieces.at(address).bytes;
        m_pieces.erase(address);
    }
    Result<void> upload(std::byte* to, std::span<const std::byte> from) override
    {
        EXPECT_LE(from.size(), m_pieces.at(to).bytes);
        std::memcpy(to, from.data(), from.size());
        return alive();
    }
    Result<void> download(std::span<std::byte> to, const std::byte* from) override
    {
        ++m_downloads;
        WINNOW_TRY_VOID(alive());
        EXPECT_LE(to.size(), m_pieces.at(const_cast<std::byte*>(from)).bytes);
        std::memcpy(to.data(), from, to.size());
        return {};
    }
    Result<int> program(const KernelProgram& wanted) override
    {
        m_programs.clear();
        addScorer<kernel::NoScorer>("NoScorer");
        addScorer<kernel::AttentionSums>("AttentionSums");
        addScorer<kernel::LastRow>("LastRow");
        addScorer<kernel::DecayedSums>("DecayedSums");
        addScorer<kernel::LowCounts>("LowCounts");
        m_programs.emplace_back("oracle", onBlock<kernel::Oracle, MakesOracle>);
        for (std::size_t i = 0; i < m_programs.size(); ++i)
            if (m_programs[i].first == wanted.name)
                return static_cast<int>(i);
        return fail(ErrorCode::NotFound, "the stand-in knows no {}", wanted.name);
    }
    Result<void> launch(int program, int blocks, std::span<const std::byte> argument) override
    {
        ++launches;
        WINNOW_TRY_VOID(alive());
        const auto& [name, run] = m_programs[static_cast<std::size_t>(program)];
        const bool walks = name != "oracle";
        if (walks)
            largest = std::max(largest, blocks);
        for (int block = blocks - 1; block >= 0; --block) // blocks come in any order
            run(argument, block, workers);
        if (walks && faults != kernel::Fault::None) {
            const auto lane = reinterpret_cast<const kernel::Walk*>(argument.data())->lanes;
            lane->state.fault = faults;
            lane->state.faultStep = 7;
        }
        return {};
    }
    int* progressWord() override { return &m_progress; }
    Result<bool> busy() override
    {
        WINNOW_TRY_VOID(alive());
        return false;
    }
    /// Bytes that nobody gave back.
    std::size_t used() const { return m_used; }

private:
    struct Piece {
        std::unique_ptr<std::byte[]> memory;
        std::size_t bytes = 0;
    };
    using Program = void (*)(std::span<const std::byte> argument, int block, int workers);

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
    /// What the entry of a kernel does on a device.
    template <class Argument, class Text>
    static void onBlock(std::span<const std::byte> bytes, int block, int workers)
    {
        Argument argument;
        EXPECT_EQ(bytes.size(), sizeof(argument));
        std::memcpy(&argument, bytes.data(), sizeof(argument));
        if (workers == 1)
            Text::run(kernel::HostTeam(), argument, block);
        else
            runOnThreads(workers, [&](const auto& team, int) { Text::run(team, argument, block); });
    }
    template <class Scorer>
    void addScorer(const std::string& scorer)
    {
        const auto add = [&](const char* selector, Program program) {
            m_programs.emplace_back(fmt::format("walk {} {}", scorer, selector), program);
        };
        add("LowestGoes", onBlock<kernel::Walk, Walks<Scorer, kernel::LowestGoes>>);
        add("OldestGoes", onBlock<kernel::Walk, Walks<Scorer, kernel::OldestGoes>>);
        add("RandomGoes", onBlock<kernel::Walk, Walks<Scorer, kernel::RandomGoes>>);
        add("TreeScope", onBlock<kernel::Walk, Walks<Scorer, kernel::TreeScope>>);
        add("DrawnByScore", onBlock<kernel::Walk, Walks<Scorer, kernel::DrawnByScore>>);
    }
    Result<void> alive() const
    {
        if (lostAfter >= 0 && launches > lostAfter)
            return fail(ErrorCode::Io, "the stand-in was lost after {} launches", lostAfter);
        if (lostAfterDownloads >= 0 && m_downloads > lostAfterDownloads)
            return fail(ErrorCode::Io, "the stand-in was lost after {} downloads", lostAfterDownloads);
        return {};
    }

    std::map<std::byte*, Piece> m_pieces;
    std::size_t m_used = 0;
    std::vector<std::pair<std::string, Program>> m_programs;
    int m_progress = 0, m_downloads = 0;
};

} // namespace winnow::testing_support
