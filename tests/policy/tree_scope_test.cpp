// SPDX-License-Identifier: GPL-3.0-or-later
// TreeKV's walk over pairs of neighbors against a plain list from which slots are taken one after the other.
#include "core/policy/kernels/tree_scope.h"

#include "core/kernels/team.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace winnow {
namespace {

struct Taken {
    std::vector<int> victims;
    std::vector<int> lostTo; ///< of each victim the one that it was compared with
    int idx = 0;
};

/// The pair at the cursor, or the last two; the lower score goes, of equals the older. The cursor then moves on.
Taken plainWalk(kernel::TreeScope state, const std::vector<double>& scores, const kernel::Candidates& among)
{
    std::vector<int> left;
    for (int slot = among.begin; slot < among.end; ++slot)
        left.push_back(slot);
    std::vector<std::pair<int, int>> gone;
    for (int round = 0; round < among.count; ++round) {
        const int size = static_cast<int>(left.size()), first = state.idx < size ? state.idx - 1 : size - 1,
                  second = std::min(first + 1, size - 1);
        const int a = left[static_cast<std::size_t>(first)], b = left[static_cast<std::size_t>(second)];
        const bool bGoes = state.keepsLeft || scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
        gone.emplace_back(bGoes ? b : a, bGoes ? a : b);
        left.erase(left.begin() + (bGoes ? second : first));
        state.idx = (state.literal ? state.idx + 1 : state.idx) % state.region + 1;
    }
    std::sort(gone.begin(), gone.end());
    Taken taken{.victims = {}, .lostTo = {}, .idx = state.idx};
    for (const auto& [victim, rival] : gone) {
        taken.victims.push_back(victim);
        taken.lostTo.push_back(rival);
    }
    return taken;
}

TEST(TreeScope, walksAsAPlainListSays)
{
    std::mt19937 random(9);
    for (int round = 0; round < 300; ++round) {
        const int slots = 2 + static_cast<int>(random() % 14);
        kernel::Candidates among;
        among.begin = static_cast<int>(random() % 3) % slots;
        among.end = slots - static_cast<int>(random() % 2);
        if (among.size() < 1)
            continue;
        among.count = 1 + static_cast<int>(random() % static_cast<unsigned>(among.size()));
        kernel::TreeScope state{
            .region = 1 + static_cast<int>(random() % 6), .literal = random() % 2 == 0, .keepsLeft = random() % 3 == 0};
        state.idx = 1 + static_cast<int>(random() % static_cast<unsigned>(state.region));
        std::vector<double> scores;
        for (int slot = 0; slot < slots; ++slot)
            scores.push_back(static_cast<double>(random() % 5));
        const Taken wanted = plainWalk(state, scores, among);
        std::vector<int> victims(static_cast<std::size_t>(among.count)), lostTo(static_cast<std::size_t>(among.size()), -1),
            room(static_cast<std::size_t>(slots));
        std::vector<kernel::Byte> marks(static_cast<std::size_t>(slots));
        state.scratch = {room.data(), marks.data()};
        state.lostTo = lostTo.data();
        kernel::choose(kernel::HostTeam(), state, {.scores = scores.data(), .among = among}, victims.data());
        EXPECT_EQ(victims, wanted.victims) << round;
        EXPECT_EQ(state.idx, wanted.idx) << round;
        for (std::size_t i = 0; i < victims.size(); ++i)
            EXPECT_EQ(lostTo[static_cast<std::size_t>(victims[i] - among.begin)], wanted.lostTo[i]) << round;
    }
}

} // namespace
} // namespace winnow
