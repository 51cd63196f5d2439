// SPDX-License-Identifier: GPL-3.0-or-later
// The oracles of evictors: the greedy one and the bound, held to every possible choice where that can be counted.
#include "core/replay/evictor_oracle.h"
#include "core/replay/oracle.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include <bit>
#include <numeric>

namespace winnow {
namespace {

using namespace testing_support;

/// Random rows that sum to 1, spiky enough that choices matter.
LaneAttention randomAttention(int tokens, unsigned seed)
{
    LaneAttention attention(tokens);
    std::mt19937 random(seed);
    for (int t = 0; t < tokens; ++t) {
        const auto row = attention.row(t);
        float sum = 0;
        for (float& share : row)
            sum += share = std::exp(3 * static_cast<float>(random() % 1000) / 1000);
        for (float& share : row)
            share /= sum;
    }
    return attention;
}

/// As many slots after every step as the budget and the text allow.
std::vector<std::int32_t> upTo(int budget, int tokens)
{
    std::vector<std::int32_t> stored;
    for (int t = 0; t < tokens; ++t)
        stored.push_back(std::min(budget, t + 1));
    return stored;
}

/// The best of all evictors, by trying every set of tokens to keep at every step.
double bestOf(const LaneAttention& attention, std::span<const std::int32_t> stored, int step, unsigned live)
{
    if (step == attention.tokens())
        return 0;
    live |= 1U << step;
    double mass = 0;
    for (int i = 0; i <= step; ++i)
        if (live >> i & 1U)
            mass += static_cast<double>(attention.row(step)[static_cast<std::size_t>(i)]);
    double best = 0;
    for (unsigned kept = live;; kept = (kept - 1) & live) {
        if (std::popcount(kept) <= stored[static_cast<std::size_t>(step)])
            best = std::max(best, bestOf(attention, stored, step + 1, kept));
        if (kept == 0)
            break;
    }
    return mass + best;
}

double sumOf(std::span<const float> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(EvictorOracle, theBoundLiesBetweenTheBestEvictorAndTheTopOfEveryStep)
{
    constexpr int kTokens = 9, kBudget = 3;
    double gap = 0, topGap = 0;
    for (unsigned seed = 0; seed < 20; ++seed) {
        const LaneAttention attention = randomAttention(kTokens, seed);
        const auto stored = upTo(kBudget, kTokens);
        const EvictorMass mass = evictorMass(attention, stored);
        const double best = bestOf(attention, stored, 0, 0), greedy = sumOf(mass.greedy), bound = sumOf(mass.bound);
        double top = 0;
        std::vector<float> scratch;
        for (int t = 0; t < kTokens; ++t)
            top += topMass(attention.row(t), kBudget + 1, scratch);
        EXPECT_LE(greedy, best + 1e-6) << seed;
        EXPECT_GE(bound, best - 1e-6) << seed;
        EXPECT_LE(bound, top + 1e-5) << seed;
        gap += bound - best;
        topGap += top - best;
    }
    EXPECT_LT(gap, topGap / 2); // the bound says more than the per-step top-k does
}

/// The relaxed problem is one of intervals, whose linear program has whole numbers as its solution: the best prices leave no gap.
TEST(EvictorOracle, theBoundOfShortTextsIsReachedByTheBestEvictor)
{
    for (const int tokens : {2, 3, 5, 8})
        for (const int budget : {1, 2, 3})
            for (unsigned seed = 0; seed < 10; ++seed) {
                const LaneAttention attention = randomAttention(tokens, seed);
                const auto stored = upTo(budget, tokens);
                EXPECT_NEAR(sumOf(evictorMass(attention, stored).bound), bestOf(attention, stored, 0, 0), 1e-4)
                    << tokens << " tokens, " << budget << " slots, seed " << seed;
            }
}

/// Where the slots shrink at once, the older of equals stays, as where one goes.
TEST(EvictorOracle, keepsTheOlderOfEqualsWhenSeveralGo)
{
    LaneAttention attention(6);
    const std::vector<std::vector<float>> rows{{1},
                                               {0, 1},
                                               {0, 0, 1},
                                               {0, 0, 0, 1},
                                               {.5F, .125F, .25F, 0, .125F}, // tokens 0 and 1 have .625 to come, in all
                                               {.125F, .5F, .25F, 0, 0, .125F}};
    for (int t = 0; t < 6; ++t)
        std::copy(rows[static_cast<std::size_t>(t)].begin(), rows[static_cast<std::size_t>(t)].end(), attention.row(t).begin());
    const std::vector<std::int32_t> stored{1, 2, 3, 1, 2, 3};
    EXPECT_THAT(evictorMass(attention, stored).greedy, testing::ElementsAre(1, 1, 1, 1, .625F, .25F));
    const std::vector<std::int32_t> none{1, 2, 3, 0, 1, 2};
    EXPECT_THAT(evictorMass(attention, none).greedy, testing::ElementsAre(1, 1, 1, 1, .125F, .125F));
}

TEST(EvictorOracle, foreseesThatATokenIsWantedLater)
{
    // Token 0 is not looked at until the last step, token 1 only at step 2: with one slot beside the newest, 0 must stay.
    LaneAttention attention(4);
    const std::vector<std::vector<float>> rows{{1}, {0, 1}, {0, .4F, .6F}, {.9F, 0, 0, .1F}};
    for (int t = 0; t < 4; ++t)
        std::copy(rows[static_cast<std::size_t>(t)].begin(), rows[static_cast<std::size_t>(t)].end(), attention.row(t).begin());
    const EvictorMass mass = evictorMass(attention, upTo(1, 4));
    EXPECT_THAT(mass.greedy, testing::ElementsAre(1.0F, 1.0F, testing::FloatNear(.6F, 1e-6F), 1.0F));
    EXPECT_NEAR(sumOf(mass.bound), 3.6, 1e-4); // nobody can do better, and the prices find it
}

TEST(EvictorOracle, slotsThatHoldTheTextCostNothing)
{
    const LaneAttention attention = randomAttention(12, 3);
    const EvictorMass mass = evictorMass(attention, upTo(12, 12));
    for (const auto& values : {mass.greedy, mass.bound})
        for (const float share : values)
            EXPECT_NEAR(share, 1, 1e-5);
}

class ReplayWithEvictors : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Windows, ReplayWithEvictors, testing::Values(0, 24));

TEST_P(ReplayWithEvictors, noPolicyBeatsTheBoundAndTheGreedyOneIsThePolicyFuture)
{
    const MemoryTrace trace(makeSynthetic({.layers = 2, .tokens = 96, .window = GetParam(), .sharpness = 2, .seed = 9}));
    std::vector<PolicySpec> specs;
    for (const char* line : {"future:budget=12", "h2o:budget=12", "snapkv:budget=20,window=6", "tova:budget=12,granularity=query",
                             "lacache:budget=12,span=2", "full", "topk:budget=12", "future:budget=12,granularity=query"})
        specs.push_back(*parsePolicySpec(line));
    const auto result = replay(trace, specs, {.prompt = 40, .device = "cpu", .evictors = true}, {});
    ASSERT_TRUE(result) << result.error().message;
    for (const auto& policy : (*result)->policies) {
        ASSERT_EQ(policy->boundMass.size(), policy->mass.size());
        const auto regret = regretAgainst(*policy, policy->futureMass);
        for (int lane = 0; lane < policy->layers * policy->lanes; ++lane) {
            double mass = 0, greedy = 0, bound = 0, top = 0;
            for (int t = 0; t < policy->tokens; ++t) {
                const auto cell = static_cast<std::size_t>(lane * policy->tokens + t);
                mass += policy->mass[cell];
                greedy += policy->futureMass[cell];
                bound += policy->boundMass[cell];
                top += policy->oracleMass[cell];
                ASSERT_FLOAT_EQ(regret[cell], policy->futureMass[cell] - policy->mass[cell]);
            }
            EXPECT_LE(greedy, bound + 1e-4) << policy->spec.canonical() << " lane " << lane;
            if (!policy->selects()) {
                EXPECT_LE(mass, bound + 1e-4) << policy->spec.canonical() << " lane " << lane;
                EXPECT_LE(bound, top + 1e-3) << policy->spec.canonical() << " lane " << lane;
            }
        }
    }
    const PolicyReplay& future = *(*result)->policies[0];
    for (std::size_t i = 0; i < future.mass.size(); ++i)
        ASSERT_NEAR(future.mass[i], future.futureMass[i], 2e-5) << i;
    const PolicyReplay& topk = *(*result)->policies[6];
    for (std::size_t i = 0; i < topk.mass.size(); ++i)
        ASSERT_NEAR(topk.mass[i], topk.oracleMass[i], 1e-5) << i; // the oracle as a policy
}

TEST(EvictorOracle, tellsHowFarItIsAndStopsWithinARound)
{
    const LaneAttention attention = randomAttention(60, 5);
    std::vector<double> shares;
    evictorMass(attention, upTo(10, 60), 20, [&](double share) {
        shares.push_back(share);
        return shares.size() < 4;
    });
    EXPECT_THAT(shares, testing::ElementsAre(0, .05, .1, testing::DoubleNear(.15, 1e-12)));

    const MemoryTrace trace(makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 80}));
    const auto spec = parsePolicySpec("h2o:budget=12");
    std::vector<double> told;
    std::stop_source stop;
    const JobContext job(stop.get_token(), [&](std::string_view stage, double fraction) {
        if (stage != "oracles of evictors")
            return;
        told.push_back(fraction);
        if (fraction > .5)
            stop.request_stop();
    });
    const int threads = at::get_num_threads();
    at::set_num_threads(1); // only the caller's thread tells, and it may come late to lanes that others take
    const auto result = replay(trace, std::span(&*spec, 1), {.device = "cpu", .evictors = true}, job);
    at::set_num_threads(threads);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
    EXPECT_GT(told.size(), 20u) << testing::PrintToString(told); // not only once a layer
    EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
    EXPECT_GT(told.back(), .5);
    EXPECT_LT(told.back(), 1);
}

} // namespace
} // namespace winnow
