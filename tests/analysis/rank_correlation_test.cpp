// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_correlation.h"

#include "core/analysis/loss_buckets.h"
#include "core/analysis/run_costs.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace winnow {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

TEST(RankCorrelation, seesOrderAndNotSize)
{
    EXPECT_DOUBLE_EQ(*rankCorrelation(std::vector<double>{1, 2, 3, 4}, std::vector<double>{10, 11, 500, 501}), 1);
    EXPECT_DOUBLE_EQ(*rankCorrelation(std::vector<double>{1, 2, 3}, std::vector<double>{3, 2, 1}), -1);
    // scipy 1.14's spearmanr gives 0.8207826816681233 for this one, with a tie.
    EXPECT_NEAR(*rankCorrelation(std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{5, 6, 7, 8, 7}), 0.8207826816681233,
                1e-12);
    EXPECT_FALSE(rankCorrelation(std::vector<double>{1, 2}, std::vector<double>{1, 2})) << "two always agree or disagree";
    EXPECT_FALSE(rankCorrelation(std::vector<double>{1, 1, 1}, std::vector<double>{1, 2, 3}));
}

/// Policy p loses less mass and more loss the larger p is, or the other way round.
std::shared_ptr<ReplayResult> made(const std::string& loop)
{
    auto result = std::make_shared<ReplayResult>(*test::syntheticReplay({.tokens = 64, .budget = 16, .policies = 5}));
    result->manifest["loop"] = loop;
    for (std::size_t p = 0; p < result->policies.size(); ++p) {
        auto policy = std::make_shared<PolicyReplay>(*result->policies[p]);
        policy->spec = parsePolicySpec(fmt::format("streaming:budget={}", 16 + p)).value();
        policy->mass.assign(policy->mass.size(), 0.5F + 0.01F * static_cast<float>(p));
        policy->error.assign(policy->error.size(), 0.1F * static_cast<float>(p));
        policy->run.logprob.assign(64, -3 + 0.1F * static_cast<float>(p));
        result->policies[p] = policy;
    }
    return result;
}

TEST(Foretelling, comparesWhatReplaysSayWithTheLossOfRuns)
{
    const std::vector<std::shared_ptr<const ReplayResult>> runs{made("closed")}, replays{made("open")};
    const Foretelling told = foretelling(runs, replays);
    EXPECT_EQ(told.policies, 5U);
    EXPECT_DOUBLE_EQ(*told.mass, 1) << "less mass, more loss";
    EXPECT_DOUBLE_EQ(*told.error, -1) << "more error, less loss";
    EXPECT_EQ(foretelling(runs, {}).policies, 0U);
}

TEST(AddedLoss, isPairedByToken)
{
    std::vector<float> full(200, -2), policy(200, -2.5F);
    full[0] = policy[0] = policy[7] = kNone;
    const auto added = addedLoss(policy, full, 0);
    ASSERT_TRUE(added);
    EXPECT_EQ(added->tokens, 198);
    EXPECT_NEAR(added->mean, 0.5, 1e-6);
    ASSERT_TRUE(added->interval);
    EXPECT_NEAR(added->interval->low, 0.5, 1e-6) << "every token adds the same";
    EXPECT_NEAR(added->interval->high, 0.5, 1e-6);
    EXPECT_FALSE(addedLoss(policy, {}, 0));
    EXPECT_FALSE(addedLoss(std::vector<float>(40, -1), std::vector<float>(40, -2), 0)->interval) << "one block tells no spread";
}

TEST(LossBuckets, areOfTheirPositionsAndOfEverythingBefore)
{
    const std::vector<float> logprob{kNone, -1, -3, kNone, -5};
    const auto buckets = lossBuckets(logprob, 2);
    ASSERT_EQ(buckets.size(), 3U);
    EXPECT_EQ(buckets[0].count, 1);
    EXPECT_DOUBLE_EQ(*buckets[1].loss, 3);
    EXPECT_DOUBLE_EQ(*buckets[1].cumulated, 2);
    EXPECT_EQ(buckets[2].end, 5);
    EXPECT_DOUBLE_EQ(*buckets[2].cumulated, 3);
    EXPECT_FALSE(lossBuckets(std::vector<float>{kNone}, 4)[0].loss);
}

} // namespace
} // namespace winnow
