// SPDX-License-Identifier: GPL-3.0-or-later
// Each kernel text is run by the CPU's team of one and by a team of 32 whose calls come forward, backward and shuffled.
#include "core/kernels/team.h"
#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/low_counts.h"
#include "core/policy/kernels/tree_blocks.h"
#include "core/policy/kernels/tree_scope.h"
#include "tests/support/team_of_32.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using kernel::Candidates;
using testing_support::CallOrder;
using testing_support::TeamOf32;

constexpr int kSteps = 90, kSlots = 40, kFirstChoice = 60; ///< the first choice is of many, as at a prompt's end

/// Everything that a text said, number by number; what is no number is told as −1000.
struct Story {
    std::vector<double> numbers;
    template <class T>
    void tell(const T* values, int count)
    {
        for (int i = 0; i < count; ++i)
            numbers.push_back(std::isnan(static_cast<double>(values[i])) ? -1000 : static_cast<double>(values[i]));
    }
};

/// A row of attention at `step`, with zeros and ties in it.
std::vector<float> rowAt(int step, int slots)
{
    std::mt19937 random(static_cast<unsigned>(step));
    std::vector<float> row(static_cast<std::size_t>(slots));
    for (float& share : row)
        share = static_cast<float>(random() % 8) / 64;
    return row;
}

/// Room for all steps of a walk.
struct Room {
    std::vector<double> numbers = std::vector<double>(kSteps), more = numbers;
    std::vector<int> slots = std::vector<int>(kSteps), others = slots, victims = slots;
    std::vector<kernel::Byte> marks = std::vector<kernel::Byte>(kSteps);
    kernel::LowestScratch lowest() { return {numbers.data(), slots.data()}; }
    kernel::LeftScratch left() { return {slots.data(), marks.data()}; }
};

/// Rows for a ring; `rows` of them.
template <class T>
struct Ring {
    explicit Ring(int rows)
        : cells(static_cast<std::size_t>(rows) * kSteps), lengths(static_cast<std::size_t>(rows)), ring{.cells = cells.data(),
                                                                                                        .lengths = lengths.data(),
                                                                                                        .rows = rows,
                                                                                                        .stride = kSteps}
    {
    }
    std::vector<T> cells;
    std::vector<int> lengths;
    kernel::RowRing<T> ring;
};

/// Shows a scorer's text a row per step; lets the lowest of its scores go, `atOnce` of them where that is more than must.
template <class Team, class State, class Scores>
Story scorerWalk(const Team& team, State& state, const Scores& scoresOf, int atOnce = 1)
{
    Story story;
    Room room;
    std::vector<int> positions;
    for (int step = 0; step < kSteps; ++step) {
        positions.push_back(step);
        const int slots = static_cast<int>(positions.size());
        kernel::observe(team, state, rowAt(step, slots).data(), slots);
        if (slots <= kSlots || step < kFirstChoice)
            continue;
        const double* scores = scoresOf(state, step, positions);
        story.tell(scores, slots);
        const Candidates among{.begin = 2, .end = slots - 3, .count = std::max(atOnce, slots - kSlots)};
        const int gone = kernel::lowest(team, scores, among, room.lowest(), room.victims.data());
        EXPECT_EQ(gone, among.count);
        story.tell(room.victims.data(), gone);
        kernel::erase(team, state, room.victims.data(), gone);
        kernel::HostTeam().erase(positions.data(), slots, room.victims.data(), gone);
        positions.resize(static_cast<std::size_t>(slots - gone));
    }
    return story;
}

/// Tells `storyOf(team)` of all four teams and compares. Teams may add up in another order where `sums`.
template <class StoryOf>
void isTheSameForEveryTeam(const StoryOf& storyOf, bool sums = false)
{
    const Story forward = storyOf(TeamOf32(CallOrder::Forward)), alone = storyOf(kernel::HostTeam());
    ASSERT_FALSE(forward.numbers.empty());
    EXPECT_EQ(storyOf(TeamOf32(CallOrder::Backward)).numbers, forward.numbers);
    EXPECT_EQ(storyOf(TeamOf32(CallOrder::Shuffled)).numbers, forward.numbers);
    if (sums)
        EXPECT_THAT(alone.numbers, testing::Pointwise(testing::DoubleNear(1e-12), forward.numbers));
    else
        EXPECT_EQ(alone.numbers, forward.numbers);
}

TEST(KernelText, ofAttentionSumsDoesNotDependOnTheTeam)
{
    for (const int window : {0, 5, 70}) {
        isTheSameForEveryTeam([&](const auto& team) {
            Room room;
            kernel::AttentionSums state{
                .sums = room.numbers.data(), .mean = window > 0, .prompt = kFirstChoice + 1, .window = window};
            const auto scores = [&](auto& of, int step, const auto& positions) {
                return kernel::scores(team, of, step, positions.data(), room.more.data());
            };
            return scorerWalk(team, state, scores);
        });
    }
}

TEST(KernelText, ofTheLastRowDoesNotDependOnTheTeam)
{
    for (const int newest : {1, 4}) {
        isTheSameForEveryTeam([&](const auto& team) {
            Room room;
            Ring<float> earlier(newest);
            kernel::LastRow state{
                .row = room.numbers.data(), .kernel = 5, .window = 3, .newest = newest, .earlier = earlier.ring};
            return scorerWalk(team, state,
                              [&](auto& of, int, const auto&) { return kernel::scores(team, of, room.more.data()); });
        });
    }
}

TEST(KernelText, ofDecayedAttentionDoesNotDependOnTheTeam)
{
    for (const int history : {0, 7}) {
        isTheSameForEveryTeam([&](const auto& team) {
            Room room;
            Ring<float> rows(std::max(1, history));
            kernel::DecayedSums state{.sums = room.numbers.data(), .decay = 0.9, .history = history, .rows = rows.ring};
            const auto scores = [&](auto& of, int, const auto& positions) {
                return kernel::scores(team, of, static_cast<int>(positions.size()));
            };
            return scorerWalk(team, state, scores, 6);
        });
    }
}

TEST(KernelText, ofLowCountsDoesNotDependOnTheTeam)
{
    for (const int history : {0, 7}) {
        isTheSameForEveryTeam([&](const auto& team) {
            Room room;
            Ring<kernel::Byte> rows(std::max(1, history));
            kernel::LowCounts state{.counts = room.numbers.data(), .history = history, .rows = rows.ring};
            const auto scores = [&](auto& of, int, const auto&) { return static_cast<const double*>(of.counts); };
            return scorerWalk(team, state, scores, 6);
        });
    }
}

/// Lets `choose(scores, among, room)` name who goes among the scores of every row, one, some and nearly all at a time.
template <class Choose>
Story selectorWalk(const Choose& choose)
{
    Story story;
    Room room, scratch;
    for (int step = 0; step < kSteps; ++step) {
        const int slots = 20 + step / 2;
        const std::vector<float> row = rowAt(step, slots);
        const std::vector<double> scores(row.begin(), row.end());
        for (const int count : {1, 2, 7, slots - 4}) {
            const int gone =
                choose(scores, Candidates{.begin = 1, .end = slots - 2, .count = count}, step, scratch, room.victims.data());
            EXPECT_GE(gone, count);
            EXPECT_TRUE(std::is_sorted(room.victims.begin(), room.victims.begin() + gone));
            story.tell(room.victims.data(), gone);
        }
    }
    return story;
}

TEST(KernelText, ofTheTreeScopeDoesNotDependOnTheTeam)
{
    for (const bool literal : {false, true})
        for (const bool keepsLeft : {false, true})
            isTheSameForEveryTeam([&](const auto& team) {
                kernel::TreeScope state{.region = 12, .literal = literal, .keepsLeft = keepsLeft};
                return selectorWalk([&](const auto& scores, const Candidates& among, int, Room& room, int* victims) {
                    kernel::treeScope(team, state, scores.data(), among, room.left(), victims);
                    return among.count;
                });
            });
}

TEST(KernelText, ofBlocksDoesNotDependOnTheTeam)
{
    isTheSameForEveryTeam(
        [](const auto& team) {
            return selectorWalk([&](const auto& scores, const Candidates& among, int step, Room& room, int* victims) {
                return kernel::treeBlocks(team, scores.data(), static_cast<int>(scores.size()), 1 + step % 6, among,
                                          {room.numbers.data(), room.slots.data(), room.marks.data()}, victims);
            });
        },
        true);
}

TEST(KernelText, ofLotsDoesNotDependOnTheTeam)
{
    isTheSameForEveryTeam([](const auto& team) {
        return selectorWalk([&](const auto&, const Candidates& among, int step, Room& room, int* victims) {
            kernel::random(team, 5, step, among, room.left(), victims);
            return among.count;
        });
    });
    for (const int drawn : {0, 3, 1000}) {
        isTheSameForEveryTeam([&](const auto& team) {
            return selectorWalk([&](const auto& scores, const Candidates& among, int, Room& room, int* victims) {
                std::vector<int> positions(scores.size());
                std::iota(positions.begin(), positions.end(), 100);
                const kernel::DrawnByScore state{.drawn = drawn,
                                                 .temperature = 0.1,
                                                 .seed = 3,
                                                 .lots = room.more.data(),
                                                 .others = room.others.data(),
                                                 .scratch = room.lowest()};
                return kernel::drawnByScore(team, state, scores.data(), positions.data(), among, victims);
            });
        });
    }
}

TEST(KernelText, lowestTakesTheNewerOfEquals)
{
    const std::vector<double> scores{9, 1, 2, 1, 2, 1, 2, 0};
    std::vector<int> victims(8);
    Room room;
    const auto lowest = [&](int count) {
        const int gone = kernel::lowest(kernel::HostTeam(), scores.data(), Candidates{.begin = 1, .end = 7, .count = count},
                                        room.lowest(), victims.data());
        return std::vector<int>(victims.begin(), victims.begin() + gone);
    };
    EXPECT_EQ(lowest(1), (std::vector{5}));
    EXPECT_EQ(lowest(2), (std::vector{3, 5}));
    EXPECT_EQ(lowest(3), (std::vector{1, 3, 5}));
    EXPECT_EQ(lowest(4), (std::vector{1, 3, 5, 6}));
    EXPECT_EQ(lowest(6), (std::vector{1, 2, 3, 4, 5, 6}));
}

/// What the teams are for: a sum that runs along the slots depends on the order of the calls.
TEST(TeamOf32, showsTextThatDependsOnTheOrder)
{
    const auto running = [](CallOrder order) {
        double sum = 0;
        std::vector<double> along(50);
        TeamOf32(order).forEach(0, 50, [&](int i) { along[static_cast<std::size_t>(i)] = sum += i; });
        return along;
    };
    EXPECT_NE(running(CallOrder::Forward), running(CallOrder::Backward));
    EXPECT_NE(running(CallOrder::Forward), running(CallOrder::Shuffled));
}

} // namespace
} // namespace winnow
