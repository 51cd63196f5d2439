// SPDX-License-Identifier: GPL-3.0-or-later
// The walk's text on made-up rows: every team finds what the CPU's team of one finds, whatever the tiles. Free of all but the
// kernel text, so that it runs under the thread sanitizer too (core/policy/README.md).
#include "core/device/kernels/walk.h"

#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/low_counts.h"
#include "core/policy/kernels/tree_scope.h"
#include "tests/support/teams.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <vector>

namespace winnow {
namespace {

using namespace testing_support;

constexpr int kTokens = 40, kHeads = 4, kKeyHeads = 2, kDim = 6, kPairs = 2, kPrompt = 20, kBudget = 12;

std::vector<float> drawn(int count, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values)
        value = static_cast<float>(random() % 2001) / 1000 - 1;
    return values;
}

/// What a walk wrote of one unit of two lanes.
struct Written {
    std::vector<int> evictStep = std::vector<int>(2 * kTokens, -1), occupancy = evictStep;
    std::vector<float> mass = std::vector<float>(2 * kTokens, -1), error = mass, score = mass, lowest = mass;

    bool operator==(const Written&) const = default;
};

/// Lets `team` walk a unit of all heads, with `moves`, in tiles of `tile` steps.
template <class Scorer, class Selector>
Written walked(const AnyTeam& team, int tile, kernel::Moves moves, Scorer scorer, Selector selector)
{
    const auto keys = drawn(kKeyHeads * kTokens * kDim, 1), values = drawn(kKeyHeads * kTokens * kDim, 2),
               queries = drawn(kHeads * kTokens * kDim, 3), outputs = drawn(kHeads * kTokens * kDim, 4),
               lse = drawn(kHeads * kTokens, 5), angles = drawn(kTokens * kPairs, 6);
    std::vector<float> cosines, sines;
    for (const float angle : angles) {
        cosines.push_back(std::cos(angle));
        sines.push_back(std::sin(angle));
    }
    kernel::WalkLayer layer;
    layer.keys = layer.plainKeys = keys.data();
    layer.values = values.data();
    layer.queries = layer.plainQueries = queries.data();
    layer.outputs = outputs.data();
    layer.lse = lse.data();
    layer.cosines = cosines.data();
    layer.sines = sines.data();
    layer.headDim = kDim;
    layer.pairs = kPairs;
    layer.reach = 30;
    layer.softcap = 2;
    Written written;
    std::vector<kernel::Byte> memory(100000);
    const std::vector<int> leaving{1, 2, 5, 6, 9, 10, 11, 17};
    kernel::WalkLane lane;
    lane.heads = kHeads;
    lane.headsPerLane = kHeads / 2;
    lane.chooses = kernel::Chooses::EveryStep;
    lane.moves = moves;
    lane.budget = kBudget;
    lane.sinks = 2;
    lane.recent = 3;
    lane.capacity = kTokens;
    lane.decided = moves == kernel::Moves::Once;
    lane.leaving = leaving.data();
    lane.leavingCount = static_cast<int>(leaving.size());
    lane.memory = memory.data();
    lane.results = {written.evictStep.data(), written.score.data(), written.lowest.data(),
                    written.mass.data(),      written.error.data(), written.occupancy.data()};
    kernel::Signals signals;
    kernel::Walk walk;
    walk.layers = &layer;
    walk.lanes = &lane;
    walk.scorers = &scorer;
    walk.selectors = &selector;
    walk.signals = &signals;
    walk.shape = {kTokens, kPrompt, kHeads, kKeyHeads};
    for (; walk.end < kTokens; walk.begin = walk.end) {
        walk.end = std::min(kTokens, walk.begin + tile);
        team.run([&]<class Team>(const Team& workers) { kernel::LaneWalk<Scorer, Selector, Team>(workers, walk, 0).run(); });
        EXPECT_EQ(signals.progress, walk.end);
    }
    EXPECT_EQ(lane.state.fault, kernel::Fault::None);
    EXPECT_LT(lane.state.firstEviction, kTokens);
    return written;
}

void areTheSame(const Written& a, const Written& b)
{
    EXPECT_EQ(a.evictStep, b.evictStep);
    EXPECT_EQ(a.occupancy, b.occupancy);
    EXPECT_THAT(b.mass, testing::Pointwise(testing::FloatNear(1e-5F), a.mass));
    EXPECT_THAT(b.error, testing::Pointwise(testing::FloatNear(1e-5F), a.error));
    EXPECT_THAT(b.score, testing::Pointwise(testing::FloatNear(1e-5F), a.score));
    EXPECT_THAT(b.lowest, testing::Pointwise(testing::FloatNear(1e-5F), a.lowest));
}

template <class Scorer, class Selector>
void isTheSameForEveryTeam(const Scorer& scorer, const Selector& selector)
{
    for (const auto moves : {kernel::Moves::Never, kernel::Moves::BySlot, kernel::Moves::Once}) {
        const auto by = [&](const AnyTeam& team, int tile = kTokens) { return walked(team, tile, moves, scorer, selector); };
        const Written one = by(kCpuTeam), forward = by(kForward);
        areTheSame(one, by(kCpuTeam, 7));
        areTheSame(one, forward);
        EXPECT_TRUE(by(kBackward) == forward); // to the last bit
        EXPECT_TRUE(by(kShuffled, 7) == forward);
        areTheSame(one, by(blockOf(1)));
        areTheSame(one, by(blockOf(2), 30)); // threads that wait for each other are slow
    }
}

TEST(LaneWalk, isTheSameForEveryTeamAndEveryTile)
{
    isTheSameForEveryTeam(kernel::AttentionSums(), kernel::LowestGoes());
    isTheSameForEveryTeam(kernel::LastRow{.newest = 3}, kernel::LowestGoes());
    isTheSameForEveryTeam(kernel::AttentionSums{.mean = true}, kernel::TreeScope{.region = 7});
    isTheSameForEveryTeam(kernel::DecayedSums{.decay = 0.5, .history = 4}, kernel::RandomGoes{.seed = 3});
    isTheSameForEveryTeam(kernel::LowCounts{.history = 4}, kernel::LowestGoes());
    isTheSameForEveryTeam(kernel::NoScorer(), kernel::OldestGoes());
}

} // namespace
} // namespace winnow
