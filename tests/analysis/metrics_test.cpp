// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics.h"

#include "core/analysis/lane_means.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

/// One value as the field of the replay says it.
double plain(const PolicyReplay& policy, std::string_view name, std::size_t at)
{
    const auto of = [at](std::span<const float> values) {
        return at < values.size() ? static_cast<double>(values[at]) : std::nan("");
    };
    return name == "mass"             ? of(policy.mass)
           : name == "error"          ? of(policy.error)
           : name == "regret"         ? of(policy.oracleMass) - of(policy.mass)
           : policy.occupancy[at] < 0 ? std::nan("")
                                      : policy.occupancy[at];
}

TEST(MetricCatalog, givesTheNumbersOfTheReplay)
{
    const auto replay = test::syntheticReplay({.tokens = 40, .budget = 8, .policies = 2, .stepsDone = 30});
    const PolicyReplay& policy = *replay->policies[1];
    std::vector<double> row(40);
    for (const char* name : {"mass", "error", "regret", "slots"}) {
        const Metric& metric = *findMetric(name);
        metric.fill(policy, 40, row); // the second lane
        for (std::size_t step = 0; step < row.size(); ++step) {
            const double expected = plain(policy, name, 40 + step);
            EXPECT_TRUE(row[step] == expected || (std::isnan(row[step]) && std::isnan(expected))) << name << " at step " << step;
        }
    }
    EXPECT_EQ(findMetric("mas"), nullptr);
}

TEST(MetricCatalog, saysWhichWayIsBetter)
{
    std::string ways;
    for (const Metric& metric : metricCatalog())
        ways += std::string(metric.name) + (metric.better == Better::Higher ? " up " : " down ");
    EXPECT_EQ(ways, "mass up error down regret down slots down loss down kl down ");
    EXPECT_EQ(metricNames(), "mass, error, regret, slots, loss or kl");
}

TEST(LaneMeans, areTheSameNumbersForAnyLanes)
{
    const auto replay =
        test::syntheticReplay({.tokens = 61, .layers = 2, .lanes = 3, .budget = 8, .policies = 2, .stepsDone = 40});
    for (const Metric& metric : metricCatalog()) {
        const StepSpan steps{9, 47}; // some are not computed
        const LaneMeans means(replay->policies[1], metric, steps);
        for (const std::vector<int>& lanes : {std::vector<int>{}, {4}, {0, 2, 5}, {0, 1, 2, 3, 4, 5}})
            EXPECT_EQ(means.over(lanes), meanMetric(*replay->policies[1], metric, lanes, steps)) << metric.name;
        EXPECT_TRUE(means.areOf(replay->policies[1], steps));
        EXPECT_FALSE(means.areOf(replay->policies[0], steps));
        EXPECT_FALSE(means.areOf(replay->policies[1], {9, 46}));
    }
}

TEST(MeanMetric, leavesOutWhatIsNotComputed)
{
    PolicyReplay policy;
    policy.layers = 1;
    policy.lanes = 2;
    policy.tokens = 2;
    policy.mass = {0.5F, NAN, 1, 0.75F};
    const std::vector<int> lanes{0, 1};
    EXPECT_EQ(meanMetric(policy, Metric::Mass, lanes, {0, 2}), 0.75);
    EXPECT_EQ(meanMetric(policy, Metric::Regret, lanes, {0, 2}), std::nullopt) << "without the oracle";
    EXPECT_EQ(meanMetric(policy, Metric::Mass, lanes, {1, 1}), std::nullopt);
}

} // namespace
} // namespace winnow
