// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for a GPU: the same text, compiled by the host's compiler, walks lanes in the host's memory. It keeps to what a GPU
// allows, can be small, and can be lost.
#pragma once

#include "core/device/gpu.h"
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
        WINNOW_TRY_VOID(alive());
        EXPECT_LE(to.size(), m_pieces.at(const_cast<std::byte*>(from)).bytes);
        std::memcpy(to.data(), from, to.size());
        return {};
    }
    Result<int> program(const WalkParts& parts) override
    {
        m_programs.clear();
        addScorers<kernel::NoScorer>("NoScorer");
        addScorers<kernel::AttentionSums>("AttentionSums");
        addScorers<kernel::LastRow>("LastRow");
        addScorers<kernel::DecayedSums>("DecayedSums");
        addScorers<kernel::LowCounts>("LowCounts");
        const std::string wanted = fmt::format("{} {}", parts.scorer.type, parts.selector.type);
        for (std::size_t i = 0; i < m_programs.size(); ++i)
            if (m_programs[i].first == wanted)
                return static_cast<int>(i);
        return fail(ErrorCode::NotFound, "the stand-in knows no walk of {}", wanted);
    }
    Result<void> launch(int program, int blocks, std::span<const std::byte> argument) override
    {
        kernel::Walk walk;
        EXPECT_EQ(argument.size(), sizeof(walk));
        std::memcpy(&walk, argument.data(), sizeof(walk));
        ++launches;
        largest = std::max(largest, blocks);
        WINNOW_TRY_VOID(alive());
        for (int lane = blocks - 1; lane >= 0; --lane) // blocks come in any order
            m_programs[static_cast<std::size_t>(program)].second(walk, lane, workers);
        if (faults != kernel::Fault::None) {
            walk.lanes[0].state.fault = faults;
            walk.lanes[0].state.faultStep = 7;
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
    using Program = void (*)(const kernel::Walk& walk, int lane, int workers);

    template <class Scorer, class Selector>
    static void walkLane(const kernel::Walk& walk, int lane, int workers)
    {
        const kernel::HostTeam one;
        if (workers == 1)
            kernel::LaneWalk<Scorer, Selector, kernel::HostTeam>(one, walk, lane).run();
        else
            runOnThreads(workers, [&](const auto& team, int) {
                kernel::LaneWalk<Scorer, Selector, std::decay_t<decltype(team)>>(team, walk, lane).run();
            });
    }
    template <class Scorer>
    void addScorers(const std::string& scorer)
    {
        m_programs.emplace_back(scorer + " LowestGoes", walkLane<Scorer, kernel::LowestGoes>);
        m_programs.emplace_back(scorer + " OldestGoes", walkLane<Scorer, kernel::OldestGoes>);
        m_programs.emplace_back(scorer + " RandomGoes", walkLane<Scorer, kernel::RandomGoes>);
        m_programs.emplace_back(scorer + " TreeScope", walkLane<Scorer, kernel::TreeScope>);
        m_programs.emplace_back(scorer + " DrawnByScore", walkLane<Scorer, kernel::DrawnByScore>);
    }
    Result<void> alive() const
    {
        if (lostAfter >= 0 && launches > lostAfter)
            return fail(ErrorCode::Io, "the stand-in was lost after {} launches", lostAfter);
        return {};
    }

    std::map<std::byte*, Piece> m_pieces;
    std::size_t m_used = 0;
    std::vector<std::pair<std::string, Program>> m_programs;
    int m_progress = 0;
};

} // namespace winnow::testing_support
