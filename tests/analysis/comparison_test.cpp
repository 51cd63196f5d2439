// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/comparison.h"

#include "core/io/npz.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

/// One layer, one lane, four tokens; `evict` as a table of lifetimes.
std::shared_ptr<const PolicyReplay> policyOf(std::string name, std::vector<std::int32_t> evict, std::vector<float> mass)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = {.name = std::move(name), .values = {{"budget", "2"}}};
    policy->layers = policy->lanes = 1;
    policy->tokens = policy->stepsDone = 4;
    policy->budget = 2;
    policy->evictStep = std::move(evict);
    policy->mass = std::move(mass);
    policy->error = {0, 0, 0.25F, 0.75F};
    policy->oracleMass = {1, 1, 1, 0.75F};
    policy->occupancy = {1, 2, 2, 2};
    return policy;
}

/// window keeps {2, 3}, random keeps {0, 3}, the copy parts from window at step 3 only.
std::shared_ptr<const ReplayResult> tinyReplay()
{
    auto replay = std::make_shared<ReplayResult>();
    replay->tokenIds = {7, 8, 9, 10};
    replay->layers = {Layer{0}};
    replay->slotBytes = {100};
    replay->manifest = {{"model", "tiny"}, {"model_hash", "abc"}};
    replay->policies = {policyOf("window", {2, 3, -1, -1}, {1, 1, 0.75F, 0.5F}),
                        policyOf("random", {-1, 2, 3, -1}, {1, 1, 0.5F, 0.25F}),
                        policyOf("streaming", {2, -1, 3, -1}, {1, 1, 0.5F, 0.5F})};
    return replay;
}

TEST(Comparison, meansOccupancyAndBytesOfEveryPolicy)
{
    const auto comparison = comparePolicies(*tinyReplay(), {}, {});
    ASSERT_TRUE(comparison);
    EXPECT_EQ(comparison->step, Step{3});
    EXPECT_EQ(comparison->span, (StepSpan{2, 4})); // from the step of the budget on
    ASSERT_EQ(comparison->rows.size(), 3U);
    const Comparison::Row& row = comparison->rows[0];
    EXPECT_EQ(row.spec, "window:budget=2");
    EXPECT_EQ(row.mass, 0.625);
    EXPECT_EQ(row.error, 0.5);
    EXPECT_EQ(row.oracleMass, 0.875);
    EXPECT_EQ(row.regret, 0.25);
    EXPECT_EQ(row.occupancy, 2);
    EXPECT_EQ(row.bytes.logical, 200U);
    EXPECT_EQ(row.bytes.physical, 200U);
}

TEST(Comparison, isOverTheChosenLanesAndSteps)
{
    const auto replay = test::syntheticReplay({.tokens = 120, .layers = 2, .lanes = 2, .budget = 16, .policies = 3});
    const ComparedOver over{.lanes = {{1, 0}}, .overlap = StepSpan{40, 90}, .steps = StepSpan{40, 90}};
    const Comparison some = comparePolicies(*replay, Step{89}, {}, over).value();
    EXPECT_EQ(some.span, (StepSpan{40, 90}));
    const PolicyReplay &a = *replay->policies[0], &b = *replay->policies[2];
    double sum = 0, mass = 0;
    int first = -1;
    for (int step = 0; step < 120; ++step) {
        int both = 0, either = 0;
        for (int token = 0; token <= step; ++token) {
            both += a.keeps(1, 0, token, step) && b.keeps(1, 0, token, step);
            either += a.keeps(1, 0, token, step) || b.keeps(1, 0, token, step);
        }
        if (both != either && first < 0)
            first = step;
        if (step < 40 || step >= 90)
            continue;
        sum += double(both) / either;
        mass += double(a.mass[a.index(1, 0, step)]);
    }
    EXPECT_NEAR(some.jaccard[2], sum / 50, 1e-12);
    EXPECT_NEAR(*some.rows[0].mass, mass / 50, 1e-9);
    EXPECT_EQ(some.firstDivergence[2], first);
    EXPECT_NE(some.jaccard[2], comparePolicies(*replay, Step{89}, {}).value().jaccard[2]) << "all lanes are another number";
    const auto none = comparePolicies(*replay, Step{89}, {}, {.lanes = {{2, 0}}});
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("there is no lane 2.0: the replay has 2 layers, counted from 0, of 2 KV heads"));
}

TEST(Comparison, tokensInCommonAtTheStepAskedForAndTheFirstStepsThatDiffer)
{
    const auto last = comparePolicies(*tinyReplay(), {}, {});
    ASSERT_TRUE(last);
    // {2, 3}, {0, 3}, {1, 3}
    EXPECT_THAT(last->jaccard, ElementsAre(1, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1));
    EXPECT_THAT(last->firstDivergence, ElementsAre(-1, 2, 3, 2, -1, 2, 3, 2, -1));
    const auto before = comparePolicies(*tinyReplay(), Step{2}, {});
    ASSERT_TRUE(before);
    // {1, 2}, {0, 2}, {1, 2}
    EXPECT_THAT(before->jaccard, ElementsAre(1, 1 / 3.0, 1, 1 / 3.0, 1, 1 / 3.0, 1, 1 / 3.0, 1));
}

TEST(Comparison, agreesWithSetsOnLongerReplays)
{
    const auto replay = test::syntheticReplay({.tokens = 90, .layers = 2, .lanes = 3, .budget = 12, .policies = 4});
    const int step = 70;
    const auto comparison = comparePolicies(*replay, Step{step}, {});
    ASSERT_TRUE(comparison);
    const auto kept = [&](const PolicyReplay& policy, int layer, int lane, int at) {
        std::set<int> tokens;
        for (int token = 0; token <= at; ++token)
            if (policy.keeps(layer, lane, token, at))
                tokens.insert(token);
        return tokens;
    };
    for (std::size_t p = 0; p < 4; ++p)
        for (std::size_t q = 0; q < 4; ++q) {
            const PolicyReplay &a = *replay->policies[p], &b = *replay->policies[q];
            double sum = 0;
            int parted = -1;
            for (int layer = 0; layer < 2; ++layer)
                for (int lane = 0; lane < 3; ++lane) {
                    const auto left = kept(a, layer, lane, step), right = kept(b, layer, lane, step);
                    std::set<int> both = left;
                    both.insert(right.begin(), right.end());
                    sum += static_cast<double>(left.size() + right.size() - both.size()) / static_cast<double>(both.size());
                    for (int at = 0; at < 90; ++at)
                        if (kept(a, layer, lane, at) != kept(b, layer, lane, at) && (parted < 0 || at < parted))
                            parted = at;
                }
            EXPECT_NEAR(comparison->jaccard[p * 4 + q], sum / 6, 1e-12) << p << " and " << q;
            EXPECT_EQ(comparison->firstDivergence[p * 4 + q], parted) << p << " and " << q;
        }
}

TEST(Comparison, missesWhatWasNotComputed)
{
    auto bare = std::make_shared<PolicyReplay>(*tinyReplay()->policies[0]);
    bare->oracleMass = {};
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    replay->policies = {bare};
    const auto comparison = comparePolicies(*replay, {}, {});
    ASSERT_TRUE(comparison);
    EXPECT_EQ(comparison->rows[0].oracleMass, std::nullopt);
    EXPECT_EQ(comparison->rows[0].regret, std::nullopt);
    EXPECT_EQ(comparison->rows[0].mass, 0.625);
}

TEST(Comparison, refusesAStepBehindTheEndAndStopsWhenAsked)
{
    const auto beyond = comparePolicies(*tinyReplay(), Step{4}, {});
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().message, "step 4 was asked for; the replay has the steps 0 to 3");
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = comparePolicies(*tinyReplay(), {}, JobContext(stop.get_token()));
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
}

TEST(JoinReplays, putsPoliciesSideBySideAndKeepsOneOfEqualOnes)
{
    auto second = std::make_shared<ReplayResult>(*tinyReplay());
    second->policies = {policyOf("window", {2, 3, -1, -1}, {1, 1, 0.75F, 0.5F}), policyOf("tova", {0, 3, -1, -1}, {1, 1, 1, 1})};
    const auto joined = joinReplays(std::vector<NamedReplay>{{"a.h5", tinyReplay()}, {"b.h5", second}});
    ASSERT_TRUE(joined) << joined.error().message;
    std::vector<std::string> names;
    for (const auto& policy : (*joined)->policies)
        names.push_back(policy->spec.name);
    EXPECT_THAT(names, ElementsAre("window", "random", "streaming", "tova"));
}

TEST(JoinReplays, refusesReplaysOfDifferentTraces)
{
    const auto refusal = [](const auto& change) {
        auto second = std::make_shared<ReplayResult>(*tinyReplay());
        change(*second);
        const auto joined = joinReplays(std::vector<NamedReplay>{{"a.h5", tinyReplay()}, {"b.h5", second}});
        EXPECT_FALSE(joined);
        return joined ? std::string() : joined.error().message;
    };
    EXPECT_THAT(refusal([](ReplayResult& r) { r.tokenIds.push_back(3); }),
                testing::AllOf(HasSubstr("'a.h5' and 'b.h5'"), HasSubstr("5 tokens and not 4")));
    EXPECT_THAT(refusal([](ReplayResult& r) { r.tokenIds[0] = 3; }), HasSubstr("another text"));
    EXPECT_THAT(refusal([](ReplayResult& r) { r.manifest["model_hash"] = "def"; }), HasSubstr("another model"));
    EXPECT_THAT(refusal([](ReplayResult& r) { r.layers = {Layer{3}}; }), HasSubstr("1 layers from 3 to 3"));
    EXPECT_THAT(refusal([](ReplayResult& r) { r.prompt = 2; }), HasSubstr("a prompt of 2 tokens and not 0"));
}

TEST(WriteComparison, writesTheSameNumbersAsCsvAndNpz)
{
    const TemporaryFolder folder;
    const Comparison comparison = comparePolicies(*tinyReplay(), {}, {}).value();
    ASSERT_TRUE(writeComparison(comparison, folder / "c.csv"));
    std::ifstream file(folder / "c.csv");
    const std::string csv{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(csv, HasSubstr("# model: tiny\n"));
    EXPECT_THAT(csv, HasSubstr("# loop: open\n"));
    EXPECT_THAT(csv, HasSubstr("\npolicy,budget,mass,error,oracle_mass,regret,future_mass,future_regret,bound_mass,occupancy,"
                               "logical_bytes,physical_bytes,jaccard.0,jaccard.1,jaccard.2,"
                               "first_divergence.0,first_divergence.1,first_divergence.2\n"
                               "\"window:budget=2\",2,0.625,0.5,0.875,0.25,,,,2,200,200,1,0.333333333,0.333333333,-1,2,3\n"));

    ASSERT_TRUE(writeComparison(comparison, folder / "c.npz"));
    const NpzFile npz = readNpz(folder / "c.npz").value();
    EXPECT_THAT(npz.strings("policy").value(), ElementsAre("window:budget=2", "random:budget=2", "streaming:budget=2"));
    EXPECT_THAT(npz.numbers<double>("mass").value(), ElementsAre(0.625, 0.375, 0.5));
    EXPECT_EQ(npz.numbers<double>("jaccard").value(), comparison.jaccard);
    EXPECT_EQ(npz.shape("first_divergence").value(), (std::vector<std::size_t>{3, 3}));
    EXPECT_THAT(npz.numbers<std::int32_t>("steps").value(), ElementsAre(2, 3));
    EXPECT_EQ(npz.numbers<std::int64_t>("logical_bytes").value().size(), 3U);

    EXPECT_THAT(writeComparison(comparison, folder / "c.txt").error().message, HasSubstr(".csv or .npz"));
}

} // namespace
} // namespace winnow
