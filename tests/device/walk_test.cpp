// SPDX-License-Identifier: GPL-3.0-or-later
// The walk's text on made-up rows: a block of threads finds what the CPU's team of one finds, whatever the tiles. Free of all but
// the kernel text, so that it runs under the thread sanitizer too (core/policy/README.md).
#include "core/device/kernels/walk.h"

#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/lowest.h"
#include "core/policy/kernels/tree_scope.h"
#include "tests/support/thread_block.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <vector>

namespace winnow {
namespace {

using testing_support::runOnThreads;

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
};

/// Walks a unit of all heads, with `moves`, in tiles of `tile` steps; 0 workers: the CPU's team.
template <class Scorer, class Selector>
Written walked(int workers, int tile, kernel::Moves moves, Scorer scorer, Selector selector)
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
        if (workers == 0) {
            const kernel::HostTeam team;
            kernel::LaneWalk<Scorer, Selector, kernel::HostTeam>(team, walk, 0).run();
        } else {
            runOnThreads(workers, [&](const auto& team, int) {
                kernel::LaneWalk<Scorer, Selector, std::decay_t<decltype(team)>>(team, walk, 0).run();
            });
        }
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
void isTheSameForEveryBlock(const Scorer& scorer, const Selector& selector)
{
    for (const auto moves : {kernel::Moves::Never, kernel::Moves::BySlot, kernel::Moves::Once}) {
        const Written one = walked(0, kTokens, moves, scorer, selector);
        areTheSame(one, walked(0, 7, moves, scorer, selector));
        areTheSame(one, walked(1, kTokens, moves, scorer, selector));
        areTheSame(one, walked(4, 30, moves, scorer, selector));
    }
}

TEST(LaneWalk, isTheSameForEveryBlockAndEveryTile)
{
    isTheSameForEveryBlock(kernel::AttentionSums(), kernel::LowestGoes());
    isTheSameForEveryBlock(kernel::LastRow{.newest = 3}, kernel::LowestGoes());
    isTheSameForEveryBlock(kernel::AttentionSums{.mean = true}, kernel::TreeScope{.region = 7});
    isTheSameForEveryBlock(kernel::NoScorer(), kernel::OldestGoes());
}

} // namespace
} // namespace winnow
