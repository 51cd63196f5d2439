// SPDX-License-Identifier: GPL-3.0-or-later
// A lane that is walked again tells what the replay wrote down, at every choice of every policy that has scores.
#include "core/replay/explain.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"
#include "tests/support/scripted_attention.h"

#include <gmock/gmock.h>

#include <set>

namespace winnow {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const ReplayResult> replayed(const Trace& trace, const std::vector<std::string>& lines,
                                             const ReplayOptions& options = {.device = "cpu"})
{
    std::vector<PolicySpec> specs;
    for (const std::string& line : lines)
        specs.push_back(*parsePolicySpec(line));
    auto result = replay(trace, specs, options, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : nullptr;
}

std::vector<double> rounded(const std::vector<double>& numbers)
{
    std::vector<double> result;
    for (const double number : numbers)
        result.push_back(std::round(number * 1e4) / 1e4);
    return result;
}

// H2O worked out by hand.
const WeightRows kHeavyHitters{{1}, {.2, .8}, {.1, .6, .3}, {0, .3, .5, .2}, {0, .1, 0, .6, .3}};

TEST(Explanation, comparesWithWhatCouldHaveGone)
{
    const MemoryTrace trace(scriptedTrace({kHeavyHitters}));
    const auto kept = replayed(trace, {"h2o:budget=2,recent=1"});
    const auto told = explain(trace, *kept, 0, {0, 0, 2}, {});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->tokens, ElementsAre(0, 1, 2));
    EXPECT_THAT(rounded(told->scores), ElementsAre(1.3, 1.4, .3));
    EXPECT_THAT(told->victims, ElementsAre(0));
    EXPECT_FALSE(told->mayGo(2)); // the newest, though its score is the lowest
    EXPECT_EQ(told->cut(), 1);
    EXPECT_EQ(told->rank(0), 2);
    EXPECT_EQ(told->rank(1), 1);
    EXPECT_EQ(told->rank(2), 0);
    EXPECT_EQ(told->slotOf(1), 1);
    EXPECT_EQ(told->slotOf(3), -1);
    EXPECT_TRUE(told->agrees);
}

TEST(Explanation, tellsScoresWhereNothingHasToGo)
{
    const MemoryTrace trace(scriptedTrace({kHeavyHitters}));
    const auto kept = replayed(trace, {"h2o:budget=2,recent=1"});
    const auto told = explain(trace, *kept, 0, {0, 0, 1}, {});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(rounded(told->scores), ElementsAre(1.2, .8));
    EXPECT_TRUE(told->victims.empty());
    EXPECT_EQ(told->cut(), 0);
}

// TreeKV worked out by hand: the pair decides, not the lowest score.
TEST(Explanation, namesTheNeighborThatATreeCompares)
{
    const WeightRows rows{{1}, {.6, .4}, {.5, .2, .3}, {.1, .4, .3, .2}, {.2, 0, .3, .1, .4}};
    const MemoryTrace trace(scriptedTrace({rows}));
    const auto kept = replayed(trace, {"treekv:budget=3,sinks=0,recent=0"});
    const auto told = explain(trace, *kept, 0, {0, 0, 3}, {});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->victims, ElementsAre(1));
    EXPECT_THAT(told->lostTo, ElementsAre(0));
    EXPECT_EQ(told->rank(1), 2);
    EXPECT_EQ(told->cut(), 3); // it stayed with .2, below the .3333 of the one that went
    EXPECT_NEAR(told->scores[3], .2, 1e-6);
}

TEST(Explanation, namesTheNeighborsOfSeveralThatGoAtOnce)
{
    const MemoryTrace trace(scriptedTrace({plainRows(8)}));
    const auto kept = replayed(trace, {"treekv:budget=3,sinks=0,recent=0"}, {.prompt = 6, .device = "cpu"});
    const auto told = explain(trace, *kept, 0, {0, 0, 5}, {});
    ASSERT_TRUE(told) << told.error().message;
    ASSERT_EQ(told->victims.size(), 3u);
    for (std::size_t i = 0; i < told->victims.size(); ++i) {
        EXPECT_GE(told->lostTo[i], 0);
        EXPECT_NE(told->lostTo[i], told->tokens[static_cast<std::size_t>(told->victims[i])]);
    }
}

/// Every choice that the replay wrote down for the lane, once more.
void choicesAreThoseOf(const Trace& trace, const ReplayResult& kept, int layer, int lane)
{
    const PolicyReplay& policy = *kept.policies.front();
    std::set<int> steps{policy.tokens - 1, policy.tokens / 3};
    for (int token = 0; token < policy.tokens; ++token)
        if (const int step = policy.evictStep[policy.index(layer, lane, token)]; step >= 0)
            steps.insert(step);
    std::vector<LaneStep> places;
    for (const int step : steps)
        places.push_back({layer, lane, step});
    const auto told = explainChoices(trace, kept, 0, places, {});
    ASSERT_TRUE(told) << told.error().message;
    for (const Explanation& one : *told) {
        const int step = one.at.step;
        ASSERT_TRUE(one.agrees) << "step " << step;
        for (std::size_t slot = 0; slot < one.tokens.size(); ++slot) {
            const auto cell = policy.index(layer, lane, one.tokens[slot]);
            const bool went = one.went(static_cast<int>(slot));
            ASSERT_EQ(policy.evictStep[cell] == step, went) << "step " << step << ", token " << one.tokens[slot];
            if (!went)
                continue;
            ASSERT_TRUE(one.mayGo(static_cast<int>(slot)));
            ASSERT_EQ(policy.scoreAtEviction[cell], static_cast<float>(one.scores[slot]));
            const int cut = one.cut();
            ASSERT_EQ(std::isnan(policy.lowestKept[cell]), cut < 0);
            if (cut >= 0) {
                ASSERT_EQ(policy.lowestKept[cell], static_cast<float>(one.scores[static_cast<std::size_t>(cut)]));
            }
        }
    }
}

TEST(Explanation, isWhatTheReplayWroteDownForEveryPolicyWithScores)
{
    const MemoryTrace trace(makeSynthetic({.layers = 3,
                                           .queryHeads = 4,
                                           .keyHeads = 2,
                                           .headDim = 8,
                                           .tokens = 70,
                                           .sharpness = 2,
                                           .seed = 21,
                                           .valueOutputNorm = true}));
    int explained = 0;
    for (const PolicyInfo& info : policyCatalog()) {
        std::string line(info.name);
        for (const auto& [key, value] : std::initializer_list<std::pair<std::string_view, const char*>>{
                 {"budget", "20"}, {"window", "5"}, {"voters", "5"}, {"lag", "6"}, {"chunk", "5"}, {"span", "2"}})
            if (std::any_of(info.parameters.begin(), info.parameters.end(), [&](const auto& p) { return p.id == key; }))
                line += fmt::format("{}{}={}", line.find(':') == std::string::npos ? ":" : ",", key, value);
        const auto spec = parsePolicySpec(line);
        if (!spec || info.name == "given")
            continue;
        for (const bool oracle : {true, false}) {
            const auto kept = replay(trace, std::span(&*spec, 1), {.prompt = 30, .device = "cpu", .oracle = oracle}, {});
            if (!kept || !checkExplains(**kept, 0))
                continue; // wants a file, or has no scores
            SCOPED_TRACE(line);
            choicesAreThoseOf(trace, **kept, 1, (*kept)->policies.front()->lanes - 1);
            ++explained;
        }
    }
    EXPECT_GT(explained, 60);
}

TEST(Explanation, isTheSameForALayerAloneAsAmongOthers)
{
    const MemoryTrace trace(
        makeSynthetic({.layers = 4, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .sharpness = 2, .seed = 4}));
    const auto some = replayed(trace, {"pyramidkv:budget=16,window=4"}, {.prompt = 40, .layers = {{1, 3}}, .device = "cpu"});
    choicesAreThoseOf(trace, *some, 2, 1);
}

TEST(Explanation, saysWhereTheReplayLetOthersGo)
{
    const MemoryTrace trace(scriptedTrace({kHeavyHitters}));
    const auto kept = replayed(trace, {"h2o:budget=2,recent=1"});
    auto other = std::make_shared<PolicyReplay>(*kept->policies.front());
    std::swap(other->evictStep[0], other->evictStep[1]);
    ReplayResult changed = *kept;
    changed.policies = {other};
    EXPECT_TRUE(explain(trace, changed, 0, {0, 0, 1}, {})->agrees); // before the difference
    EXPECT_FALSE(explain(trace, changed, 0, {0, 0, 2}, {})->agrees);
}

TEST(Explanation, refusesWhatHasNoScores)
{
    const MemoryTrace trace(scriptedTrace({plainRows(8)}));
    const auto kept = replayed(trace, {"streaming:budget=4,sinks=1", "full", "quest:budget=4,page=2", "h2o:budget=4"});
    const auto sentence = [&](int policy, const LaneStep& place) {
        const auto told = explain(trace, *kept, policy, place, {});
        return told ? std::string() : told.error().message;
    };
    EXPECT_THAT(sentence(0, {0, 0, 5}), HasSubstr("policy 'streaming' has no scores: a token's position alone decides"));
    EXPECT_THAT(sentence(1, {0, 0, 5}), HasSubstr("nothing leaves it"));
    EXPECT_THAT(sentence(2, {0, 0, 5}), HasSubstr("it selects the pages"));
    EXPECT_THAT(sentence(4, {0, 0, 5}), HasSubstr("there is no policy 4"));
    EXPECT_THAT(sentence(3, {0, 1, 5}), HasSubstr("there is no lane 0.1"));
    EXPECT_THAT(sentence(3, {1, 0, 5}), HasSubstr("there is no lane 1.0"));
    EXPECT_THAT(sentence(3, {0, 0, 8}), HasSubstr("there is no step 8: the replay of 'h2o' has the steps 0 to 7"));
    EXPECT_EQ(sentence(3, {0, 0, 5}), "");
    const MemoryTrace shorter(scriptedTrace({plainRows(7)}));
    EXPECT_THAT(explain(shorter, *kept, 3, {0, 0, 5}, {}).error().message, HasSubstr("is not the recording of this replay"));
}

TEST(Explanation, refusesLifetimesThatWereGiven)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = *parsePolicySpec("given:file=mine.npz");
    ReplayResult kept;
    kept.policies = {policy};
    EXPECT_THAT(checkExplains(kept, 0).error().message, HasSubstr("the lifetimes of policy 'given' were given"));
}

TEST(Explanation, tellsHowFarItIsOverAllLayers)
{
    const MemoryTrace trace(makeSynthetic({.layers = 2, .queryHeads = 2, .keyHeads = 1, .headDim = 8, .tokens = 150}));
    const auto kept = replayed(trace, {"h2o:budget=8"});
    std::vector<double> told;
    const JobContext job({}, [&](std::string_view, double share) { told.push_back(share); });
    const std::vector<LaneStep> places{{0, 0, 100}, {1, 0, 20}}; // two blocks of 64 and one
    ASSERT_TRUE(explainChoices(trace, *kept, 0, places, job));
    EXPECT_THAT(told, testing::Pointwise(testing::DoubleNear(1e-12), {64 / 101.0 / 2, 0.5, 1.0}));
}

TEST(Explanation, stopsWhenAsked)
{
    const MemoryTrace trace(scriptedTrace({plainRows(8)}));
    const auto kept = replayed(trace, {"h2o:budget=4"});
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(explain(trace, *kept, 0, {0, 0, 5}, JobContext(stop.get_token(), {})).error().code, ErrorCode::Cancelled);
}

} // namespace
} // namespace winnow
