// SPDX-License-Identifier: GPL-3.0-or-later
// Each kernel text is run by the CPU's team of one, by a team of 32 whose calls come forward, backward and shuffled, and by
// blocks of threads that all run the whole text.
#include "core/kernels/team.h"
#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/low_counts.h"
#include "core/policy/kernels/tree_blocks.h"
#include "core/policy/kernels/tree_scope.h"
#include "tests/support/team_of_32.h"
#include "tests/support/thread_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using kernel::Candidates;
using testing_support::CallOrder;
using testing_support::runOnThreads;
using testing_support::TeamOf32;

constexpr int kSteps = 90, kSlots = 40, kFirstChoice = 60; ///< the first choice is of many, as at a prompt's end
constexpr int kRows = 8;                                   ///< of the rings

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

/// The arrays of a walk, which all workers share; room for all its steps.
struct Room {
    std::vector<double> numbers = std::vector<double>(kSteps), more = numbers, last = numbers;
    std::vector<int> slots = std::vector<int>(kSteps), others = slots, victims = slots;
    std::vector<kernel::Byte> marks = std::vector<kernel::Byte>(kSteps);
    std::vector<float> floats = std::vector<float>(kRows * kSteps);
    std::vector<kernel::Byte> bytes = std::vector<kernel::Byte>(kRows * kSteps);
    std::vector<int> lengths = std::vector<int>(kRows);

    kernel::LowestScratch lowest() { return {last.data(), slots.data()}; }
    kernel::LeftScratch left() { return {slots.data(), marks.data()}; }
    kernel::RowRing<float> floatRows(int rows) { return {floats.data(), lengths.data(), rows, kSteps}; }
    kernel::RowRing<kernel::Byte> byteRows(int rows) { return {bytes.data(), lengths.data(), rows, kSteps}; }
};

kernel::Live liveAt(int step, const std::vector<int>& positions)
{
    return {.step = step, .positions = positions.data(), .slots = static_cast<int>(positions.size())};
}

/// Shows a scorer's text a row per step; lets the lowest of its scores go, `atOnce` of them where that is more than must.
template <class Team, class State, class Scores>
Story scorerWalk(const Team& team, Room& room, State& state, const Scores& scoresOf, int atOnce = 1)
{
    Story story;
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

/// Tells `storyOf(team, room)` of all teams and compares. Teams may add up in another order where `sums`.
template <class StoryOf>
void isTheSameForEveryTeam(const StoryOf& storyOf, bool sums = false)
{
    const auto told = [&](const auto& team) {
        Room room;
        return storyOf(team, room);
    };
    const Story forward = told(TeamOf32(CallOrder::Forward)), alone = told(kernel::HostTeam());
    ASSERT_FALSE(forward.numbers.empty());
    EXPECT_EQ(told(TeamOf32(CallOrder::Backward)).numbers, forward.numbers);
    EXPECT_EQ(told(TeamOf32(CallOrder::Shuffled)).numbers, forward.numbers);
    const auto isThatOfOne = [&](const Story& story) {
        if (sums)
            EXPECT_THAT(story.numbers, testing::Pointwise(testing::DoubleNear(1e-12), alone.numbers));
        else
            EXPECT_EQ(story.numbers, alone.numbers);
    };
    isThatOfOne(forward);
    for (const int workers : {1, 4}) {
        Room room;
        std::vector<Story> stories(static_cast<std::size_t>(workers));
        runOnThreads(workers,
                     [&](const auto& team, int worker) { stories[static_cast<std::size_t>(worker)] = storyOf(team, room); });
        isThatOfOne(stories.front());
        for (const Story& story : stories) // every worker knows the same
            EXPECT_EQ(story.numbers, stories.front().numbers);
    }
}

TEST(KernelText, ofAttentionSumsDoesNotDependOnTheTeam)
{
    for (const int window : {0, 5, 70}) {
        isTheSameForEveryTeam([&](const auto& team, Room& room) {
            kernel::AttentionSums state{
                .sums = room.numbers.data(), .mean = window > 0, .prompt = kFirstChoice + 1, .window = window};
            const auto scores = [&](auto& of, int step, const auto& positions) {
                return kernel::scores(team, of, liveAt(step, positions), room.more.data());
            };
            return scorerWalk(team, room, state, scores);
        });
    }
}

TEST(KernelText, ofTheLastRowDoesNotDependOnTheTeam)
{
    for (const int newest : {1, 4}) {
        isTheSameForEveryTeam([&](const auto& team, Room& room) {
            kernel::LastRow state{
                .row = room.numbers.data(), .kernel = 5, .window = 3, .newest = newest, .earlier = room.floatRows(newest)};
            return scorerWalk(team, room, state, [&](auto& of, int step, const auto& positions) {
                return kernel::scores(team, of, liveAt(step, positions), room.more.data());
            });
        });
    }
}

TEST(KernelText, ofDecayedAttentionDoesNotDependOnTheTeam)
{
    for (const int history : {0, 7}) {
        isTheSameForEveryTeam([&](const auto& team, Room& room) {
            kernel::DecayedSums state{
                .sums = room.numbers.data(), .decay = 0.9, .history = history, .rows = room.floatRows(std::max(1, history))};
            const auto scores = [&](auto& of, int step, const auto& positions) {
                return kernel::scores(team, of, liveAt(step, positions), nullptr);
            };
            return scorerWalk(team, room, state, scores, 6);
        });
    }
}

TEST(KernelText, ofLowCountsDoesNotDependOnTheTeam)
{
    for (const int history : {0, 7}) {
        isTheSameForEveryTeam([&](const auto& team, Room& room) {
            kernel::LowCounts state{
                .counts = room.numbers.data(), .history = history, .rows = room.byteRows(std::max(1, history))};
            const auto scores = [&](auto& of, int step, const auto& positions) {
                return kernel::scores(team, of, liveAt(step, positions), nullptr);
            };
            return scorerWalk(team, room, state, scores, 6);
        });
    }
}

/// Lets `choose(choice, victims)` name who goes among the scores of every row, one, some and nearly all at a time.
template <class Choose>
Story selectorWalk(Room& room, const Choose& choose)
{
    Story story;
    for (int step = 0; step < kSteps; ++step) {
        const int slots = 20 + step / 2;
        const std::vector<float> row = rowAt(step, slots);
        const std::vector<double> scores(row.begin(), row.end());
        std::vector<int> positions(scores.size());
        std::iota(positions.begin(), positions.end(), 100);
        for (const int count : {1, 2, 7, slots - 4}) {
            const int gone = choose({.live = liveAt(step, positions),
                                     .scores = scores.data(),
                                     .among = {.begin = 1, .end = slots - 2, .count = count}},
                                    room.victims.data());
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
            isTheSameForEveryTeam([&](const auto& team, Room& room) {
                kernel::TreeScope state{.region = 12, .literal = literal, .keepsLeft = keepsLeft, .scratch = room.left()};
                return selectorWalk(room, [&](const kernel::Choice& choice, int* victims) {
                    return kernel::choose(team, state, choice, victims);
                });
            });
}

TEST(KernelText, ofBlocksDoesNotDependOnTheTeam)
{
    isTheSameForEveryTeam(
        [](const auto& team, Room& room) {
            return selectorWalk(room, [&](const kernel::Choice& choice, int* victims) {
                return kernel::treeBlocks(team, choice.scores, choice.live.slots, 1 + choice.live.step % 6, choice.among,
                                          {room.numbers.data(), room.slots.data(), room.marks.data()}, victims);
            });
        },
        true);
}

TEST(KernelText, ofLotsDoesNotDependOnTheTeam)
{
    isTheSameForEveryTeam([](const auto& team, Room& room) {
        const kernel::RandomGoes state{.seed = 5, .scratch = room.left()};
        return selectorWalk(
            room, [&](const kernel::Choice& choice, int* victims) { return kernel::choose(team, state, choice, victims); });
    });
    for (const int drawn : {0, 3, 1000}) {
        isTheSameForEveryTeam([&](const auto& team, Room& room) {
            const kernel::DrawnByScore state{.drawn = drawn,
                                             .temperature = 0.1,
                                             .seed = 3,
                                             .lots = room.more.data(),
                                             .others = room.others.data(),
                                             .scratch = room.lowest()};
            return selectorWalk(
                room, [&](const kernel::Choice& choice, int* victims) { return kernel::choose(team, state, choice, victims); });
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

/// Tells of every operation of a block of `workers` threads, at sizes around their number.
Story blockOperations(int workers)
{
    std::vector<Story> stories(static_cast<std::size_t>(workers));
    std::vector<double> values(40), scaled = values;
    std::vector<int> list(40), kept(40);
    runOnThreads(workers, [&](const auto& team, int worker) {
        Story& story = stories[static_cast<std::size_t>(worker)];
        for (const int count : {1, 3, 4, 5, 17, 40}) {
            team.forEach(0, count, [&](int i) { values[static_cast<std::size_t>(i)] = i * 7 % 5 - 2; });
            team.alone([&] { values[0] = std::nan(""); });
            for (const auto tie : {kernel::Tie::First, kernel::Tie::Last}) {
                const int at = team.smallest(values.data(), 0, count, tie);
                story.tell(&at, 1);
            }
            const int odd = team.listOf(
                0, count, [](int i) { return i % 3 == 1; }, list.data());
            story.tell(list.data(), odd);
            const double sum = team.sum(1, count, [&](int i) { return values[static_cast<std::size_t>(i)]; });
            story.tell(&sum, 1);
            for (int k = 0; k < count; ++k) {
                team.copy(values.data(), count, scaled.data());
                const double value = team.kthSmallest(scaled.data(), count, k);
                story.tell(&value, 1);
            }
            team.forEach(0, count, [&](int i) { kept[static_cast<std::size_t>(i)] = i; });
            team.erase(kept.data(), count, list.data(), odd);
            story.tell(kept.data(), count - odd);
        }
    });
    for (const Story& story : stories)
        EXPECT_EQ(story.numbers, stories.front().numbers);
    return stories.front();
}

TEST(BlockTeam, doesTheSameWhateverTheNumberOfItsWorkers)
{
    const Story one = blockOperations(1);
    EXPECT_EQ(blockOperations(2).numbers, one.numbers);
    EXPECT_EQ(blockOperations(8).numbers, one.numbers);
}

TEST(BlockTeam, findsTheKthOfNumbersOfBothSignsAndPutsWhatIsNoNumberLast)
{
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const std::vector<double> values{3, std::nan(""), -1e-300, 0.0, -kInfinity, -2, 5e300, -0.0, kInfinity, -2};
    const std::vector<double> ascending{-kInfinity, -2, -2, -1e-300, 0, 0, 3, 5e300, kInfinity};
    runOnThreads(1, [&](const auto& team, int) {
        for (int k = 0; k < 9; ++k)
            EXPECT_EQ(team.kthSmallest(values.data(), 10, k), ascending[static_cast<std::size_t>(k)]);
        EXPECT_TRUE(std::isnan(team.kthSmallest(values.data(), 10, 9)));
    });
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
