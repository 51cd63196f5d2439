// SPDX-License-Identifier: GPL-3.0-or-later
// The top-k oracle's text on made-up rows: every team finds what the attention rows, written out and sorted in double precision,
// say.
#include "core/device/kernels/oracle.h"

#include "tests/support/teams.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <random>

namespace winnow {
namespace {

using namespace testing_support;

constexpr int kTokens = 40, kHeads = 4, kKeyHeads = 2, kDim = 6, kStripes = 3;

/// One layer, whose keys repeat, so that many shares are equal.
struct Rows {
    std::vector<float> keys, queries, lse;
    int reach = 0;

    explicit Rows(int reach_) : reach(reach_)
    {
        std::mt19937 random(1);
        const auto draw = [&](std::vector<float>& to, int heads, int different) {
            to.resize(static_cast<std::size_t>(heads * kTokens * kDim));
            for (std::size_t i = 0; i < to.size(); ++i)
                to[i] = static_cast<int>(i) < different * kDim ? static_cast<float>(random() % 2001) / 500 - 2
                                                               : to[i - static_cast<std::size_t>(different * kDim)];
        };
        draw(keys, kKeyHeads, 9);
        draw(queries, kHeads, kHeads * kTokens);
        for (int head = 0; head < kHeads; ++head)
            for (int step = 0; step < kTokens; ++step) {
                double sum = 0;
                for (int token = first(step); token <= step; ++token)
                    sum += std::exp(logit(head, step, token));
                lse.push_back(static_cast<float>(std::log(sum)));
            }
    }
    int first(int step) const { return reach > 0 ? std::max(0, step - reach + 1) : 0; } ///< token that `step` sees
    double logit(int head, int step, int token) const
    {
        double sum = 0;
        for (int c = 0; c < kDim; ++c)
            sum += static_cast<double>(queries[static_cast<std::size_t>((head * kTokens + step) * kDim + c)]) *
                   keys[static_cast<std::size_t>((head / (kHeads / kKeyHeads) * kTokens + token) * kDim + c)];
        return sum;
    }
    /// Of the `count` largest shares of `step`, means over the heads of one of `lanes` lanes.
    double topMass(int lanes, int lane, int step, int count) const
    {
        std::vector<double> means;
        for (int token = first(step); token <= step; ++token) {
            double mean = 0;
            for (int head = lane * (kHeads / lanes); head < (lane + 1) * (kHeads / lanes); ++head)
                mean += std::exp(logit(head, step, token) - lse[static_cast<std::size_t>(head * kTokens + step)]);
            means.push_back(mean / (kHeads / lanes));
        }
        std::sort(means.begin(), means.end(), std::greater<>());
        means.resize(std::min(means.size(), static_cast<std::size_t>(count)));
        return std::accumulate(means.begin(), means.end(), 0.0);
    }
};

/// The oracle's masses for two policies that hold `budgets` slots, by `team`, one policy after the other.
std::vector<float> massesOf(const Rows& rows, int lanes, const std::array<int, 2>& budgets, const AnyTeam& team)
{
    kernel::WalkLayer layer;
    layer.keys = rows.keys.data();
    layer.queries = rows.queries.data();
    layer.lse = rows.lse.data();
    layer.headDim = kDim;
    layer.reach = rows.reach;
    const int cells = lanes * kTokens;
    std::vector<float> masses(static_cast<std::size_t>(2 * cells), -1);
    std::vector<int> occupancy, tokens(kTokens);
    std::iota(tokens.begin(), tokens.end(), 0);
    for (const int budget : budgets)
        for (int lane = 0; lane < lanes; ++lane)
            for (int step = 0; step < kTokens; ++step)
                occupancy.push_back(std::min(step + 1 - rows.first(step), budget));
    kernel::WalkResults results[2];
    for (int policy = 0; policy < 2; ++policy) {
        results[policy].occupancy = occupancy.data() + policy * cells;
        results[policy].oracleMass = masses.data() + policy * cells;
    }
    const int blocks = lanes * kStripes;
    std::vector<float> row(static_cast<std::size_t>(blocks * kTokens));
    std::vector<double> means(row.size());
    const kernel::Signals signals;
    const kernel::Oracle oracle{.layers = &layer,
                                .results = results,
                                .signals = &signals,
                                .shape = {.tokens = kTokens, .queryHeads = kHeads, .keyHeads = kKeyHeads},
                                .lanes = lanes,
                                .stripes = kStripes,
                                .policies = 2,
                                .tokens = tokens.data(),
                                .rows = row.data(),
                                .means = means.data()};
    for (int block = blocks - 1; block >= 0; --block)
        team.run([&](const auto& workers) { kernel::oracleStripe(workers, oracle, block); });
    return masses;
}

TEST(OracleStripe, isTheBestSetOfAsManySlotsForEveryTeam)
{
    const std::array budgets{7, 12};
    for (const int reach : {0, 20})
        for (const int lanes : {kKeyHeads, kHeads}) {
            SCOPED_TRACE(testing::Message() << "window " << reach << ", " << lanes << " lanes");
            const Rows rows(reach);
            std::vector<float> expected;
            for (const int budget : budgets)
                for (int lane = 0; lane < lanes; ++lane)
                    for (int step = 0; step < kTokens; ++step)
                        expected.push_back(static_cast<float>(std::min(1.0, rows.topMass(lanes, lane, step, budget + 1))));
            const std::vector<float> forward = massesOf(rows, lanes, budgets, kForward);
            EXPECT_EQ(massesOf(rows, lanes, budgets, kBackward), forward); // to the last bit
            EXPECT_EQ(massesOf(rows, lanes, budgets, kShuffled), forward);
            EXPECT_THAT(forward, testing::Pointwise(testing::FloatNear(2e-6F), expected));
            EXPECT_THAT(massesOf(rows, lanes, budgets, kCpuTeam), testing::Pointwise(testing::FloatNear(2e-6F), expected));
            if (reach > 0 && lanes == kKeyHeads) { // threads that wait for each other are slow
                EXPECT_THAT(massesOf(rows, lanes, budgets, blockOf(2)), testing::Pointwise(testing::FloatNear(2e-6F), expected));
            }
        }
}

} // namespace
} // namespace winnow
