// SPDX-License-Identifier: GPL-3.0-or-later
// What became of tokens: against counting one by one, and against attention as it is defined.
#include "core/analysis/autopsy.h"
#include "core/analysis/figures/figure_catalog.h"
#include "core/analysis/lifetimes.h"
#include "core/replay/replay.h"
#include "tests/support/memory_trace.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::MemoryTrace;

constexpr int kTokens = 70;

class TokenAutopsy : public testing::Test {
protected:
    std::shared_ptr<const ReplayResult> run(const std::vector<std::string>& lines, int prompt = 0) const
    {
        std::vector<PolicySpec> specs;
        for (const std::string& line : lines)
            specs.push_back(*parsePolicySpec(line));
        const auto result = replay(m_trace, specs, {.prompt = prompt, .device = "cpu"}, {});
        EXPECT_TRUE(result) << (result ? "" : result.error().message);
        return result ? *result : nullptr;
    }
    /// Attention of a query head's step to all of the tokens.
    double paid(int layer, int head, int step, IntRange tokens) const
    {
        const auto& full = m_trace.synthetic().attention[static_cast<std::size_t>(layer)];
        double sum = 0;
        for (int i = tokens.first; i <= std::min(step, tokens.second); ++i)
            sum += full[(static_cast<std::size_t>(head) * kTokens + step) * kTokens + i];
        return sum;
    }
    MemoryTrace m_trace{
        makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = kTokens, .sharpness = 2, .seed = 8})};
};

TEST_F(TokenAutopsy, countsTheLanesThatStillHoldATokenAfterEveryStep)
{
    const auto kept = run(
        {"h2o:budget=12", "tova:budget=12,granularity=query", "streaming:budget=12,sinks=2", "full", "quest:budget=8,page=4"});
    const IntRange tokens{20, 23};
    const auto found = lifetimesAutopsy(*kept, {.tokens = tokens, .lanes = {{0, 1}, {1, 0}}, .kvHeads = 2});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->lines.size(), 5u);
    for (const Autopsy::Line& line : found->lines) {
        const PolicyReplay& policy = *kept->policies[static_cast<std::size_t>(line.policy)];
        const int perHead = policy.lanes / 2;
        EXPECT_EQ(line.fates.size(), static_cast<std::size_t>(2 * perHead));
        for (int step = 0; step < kTokens; ++step) {
            int held = 0, all = 0;
            for (const LaneFate& fate : line.fates) {
                EXPECT_TRUE(fate.layer == 0 ? fate.lane / perHead == 1 : fate.lane / perHead == 0);
                for (int token = tokens.first; token <= std::min(step, tokens.second); ++token, ++all)
                    held += policy.shows(fate.layer, fate.lane, token, step);
            }
            if (all == 0)
                EXPECT_TRUE(std::isnan(line.survival[static_cast<std::size_t>(step)]));
            else
                EXPECT_NEAR(line.survival[static_cast<std::size_t>(step)], double(held) / all, 1e-12) << line.label << step;
        }
    }
    EXPECT_EQ(found->lines[2].goneBy, 33); // of ten recent tokens 23 is the oldest after step 32
    EXPECT_EQ(found->lines[2].atEnd, 0);
    EXPECT_EQ(found->lines[3].goneBy, -1);
    EXPECT_EQ(found->lines[3].atEnd, 1);
}

TEST_F(TokenAutopsy, addsUpTheAttentionThatIsPaidAndWhatATokenWouldStillHaveGot)
{
    const auto kept = run({"h2o:budget=12", "tova:budget=12,granularity=query"});
    const IntRange tokens{20, 23};
    const auto found = autopsy(m_trace, *kept, {.tokens = tokens, .lanes = {{0, 1}, {1, 0}}}, {});
    ASSERT_TRUE(found) << found.error().message;
    const std::vector<std::pair<int, int>> heads{{0, 2}, {0, 3}, {1, 0}, {1, 1}};
    EXPECT_TRUE(std::isnan(found->mean[19]));
    for (int step = 20; step < kTokens; ++step) {
        double sum = 0, most = 0;
        for (const auto& [layer, head] : heads) {
            sum += paid(layer, head, step, tokens);
            most = std::max(most, paid(layer, head, step, tokens));
        }
        EXPECT_NEAR(found->mean[static_cast<std::size_t>(step)], sum / 4, 1e-5) << step;
        EXPECT_NEAR(found->largest[static_cast<std::size_t>(step)], most, 1e-5) << step;
        const QueryHead head = found->largestHead[static_cast<std::size_t>(step)];
        EXPECT_NEAR(paid(head.layerIndex, head.head, step, tokens), most, 1e-5);
    }
    for (const Autopsy::Line& line : found->lines) {
        const PolicyReplay& policy = *kept->policies[static_cast<std::size_t>(line.policy)];
        const int perLane = 4 / policy.lanes;
        for (const LaneFate& fate : line.fates) {
            double all = 0, most = 0;
            int last = -1;
            for (int step = 0; step < kTokens; ++step) {
                double sum = 0;
                for (int token = tokens.first; token <= tokens.second; ++token) {
                    const int left = policy.evictStep[policy.index(fate.layer, fate.lane, token)];
                    last = std::max(last, left);
                    for (int head = fate.lane * perLane; left >= 0 && left < step && head < (fate.lane + 1) * perLane; ++head)
                        sum += paid(fate.layer, head, step, {token, token}) / perLane;
                }
                all += sum;
                most = std::max(most, sum);
            }
            EXPECT_NEAR(fate.asked, all, 1e-4);
            EXPECT_NEAR(fate.most, most, 1e-5);
            EXPECT_EQ(fate.leftAt, last);
            if (fate.leftAt >= 0) {
                const auto cell = policy.index(fate.layer, fate.lane, fate.token);
                EXPECT_EQ(policy.evictStep[cell], fate.leftAt);
                EXPECT_EQ(fate.score, policy.scoreAtEviction[cell]);
                EXPECT_EQ(fate.lowestKept, policy.lowestKept[cell]);
            }
        }
    }
    const int asked = found->mostAskedAt();
    ASSERT_GT(asked, 23);
    EXPECT_NEAR(found->largest[static_cast<std::size_t>(asked)],
                *std::max_element(found->largest.begin() + 24, found->largest.end()), 1e-12);
}

TEST_F(TokenAutopsy, countsTheAttentionThatATokenLostWhichLeftAtOnce)
{
    ReplayResult result = *run({"h2o:budget=12"});
    auto policy = std::make_shared<PolicyReplay>(*result.policies.front());
    policy->evictStep[policy->index(0, 0, 0)] = 0;
    result.policies = {policy};
    const auto found = autopsy(m_trace, result, {.tokens = {0, 0}, .lanes = {{0, 0}}}, {});
    ASSERT_TRUE(found) << found.error().message;
    double asked = 0;
    for (int step = 1; step < kTokens; ++step)
        asked += (paid(0, 0, step, {0, 0}) + paid(0, 1, step, {0, 0})) / 2;
    EXPECT_NEAR(found->lines[0].fates[0].asked, asked, 1e-4);
    EXPECT_EQ(found->lines[0].goneBy, 0);
}

TEST_F(TokenAutopsy, saysWhoOutrankedAToken)
{
    const auto kept = run({"h2o:budget=12,recent=3", "treekv:budget=12", "streaming:budget=12"});
    auto found = lifetimesAutopsy(*kept, {.tokens = {9, 9}});
    const std::vector<std::size_t> rows{0, 1, 3};
    for (int policy = 0; policy < 3; ++policy) {
        Autopsy::Line& line = found->lines[static_cast<std::size_t>(policy)];
        const auto told = addVerdicts(m_trace, *kept, line, rows, {});
        ASSERT_TRUE(told) << told.error().message;
        EXPECT_FALSE(line.fates[2].verdict); // nobody asked
        for (const std::size_t row : rows) {
            const LaneFate& fate = line.fates[row];
            ASSERT_EQ(fate.verdict.has_value(), fate.leftAt >= 0 && policy < 2);
            if (!fate.verdict)
                continue;
            const Verdict& one = *fate.verdict;
            EXPECT_TRUE(one.went && one.couldGo && one.agrees);
            EXPECT_EQ(one.token, 9);
            EXPECT_FLOAT_EQ(static_cast<float>(one.score), fate.score);
            EXPECT_FLOAT_EQ(static_cast<float>(one.cutScore), fate.lowestKept);
            EXPECT_GE(one.rank, 1);
            EXPECT_LE(one.rank, one.among);
            EXPECT_EQ(one.inPair, policy == 1);
            EXPECT_GE(one.outrankedScore, one.score);
            if (policy == 0) {
                EXPECT_EQ(one.rank, one.among); // the lowest goes
                EXPECT_EQ(one.outrankedBy, one.cutToken);
                EXPECT_LE(one.margin(), 0);
            }
        }
    }
}

TEST_F(TokenAutopsy, tellsOfASlotThatStayed)
{
    const auto kept = run({"h2o:budget=12,recent=3"});
    const auto told = explain(m_trace, *kept, 0, {0, 0, 40}, {});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(verdictOf(*told, 50), std::nullopt);
    const auto newest = verdictOf(*told, 40);
    ASSERT_TRUE(newest);
    EXPECT_FALSE(newest->went || newest->couldGo);
    EXPECT_EQ(newest->rank, 0);
    EXPECT_EQ(newest->outrankedBy, -1);
}

TEST_F(TokenAutopsy, refusesWhatIsNotThere)
{
    const auto kept = run({"h2o:budget=12"});
    const auto sentence = [&](const AutopsyOptions& options) {
        const auto found = autopsy(m_trace, *kept, options, {});
        return found ? std::string() : found.error().message;
    };
    EXPECT_THAT(sentence({.tokens = {70, 70}}), HasSubstr("the text has the tokens 0 to 69; token 70 was asked for"));
    EXPECT_THAT(sentence({.tokens = {60, 90}}), HasSubstr("the tokens 60-90 were asked for"));
    EXPECT_THAT(sentence({.tokens = {5, 4}}), HasSubstr("5-4"));
    EXPECT_THAT(sentence({.tokens = {5, 5}, .lanes = {{2, 0}}}), HasSubstr("there is no lane 2.0: the replay has 2 layers of 2"));
    EXPECT_THAT(sentence({.tokens = {5, 5}, .policies = {1}}), HasSubstr("policy"));
    const MemoryTrace other(makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .seed = 8}));
    EXPECT_THAT(autopsy(other, *kept, {.tokens = {5, 5}}, {}).error().message, HasSubstr("is not the recording of this replay"));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(autopsy(m_trace, *kept, {.tokens = {5, 5}}, JobContext(stop.get_token(), {})).error().code, ErrorCode::Cancelled);
}

TEST_F(TokenAutopsy, tellsWhatTheModelsOwnWindowDropped)
{
    const MemoryTrace slides(
        makeSynthetic({.layers = 1, .queryHeads = 2, .keyHeads = 1, .headDim = 8, .tokens = kTokens, .window = 10, .seed = 8}));
    const auto kept =
        replay(slides, std::vector{*parsePolicySpec("full"), *parsePolicySpec("window:budget=5")}, {.device = "cpu"}, {}).value();
    const auto told = [](const Result<Autopsy>& found) {
        std::vector<std::pair<int, bool>> all;
        for (const Autopsy::Line& line : found->lines)
            all.emplace_back(line.fates.front().leftAt, line.fates.front().byWindow);
        return all;
    };
    const std::vector<std::pair<int, bool>> expected{{29, true}, {25, false}};
    EXPECT_EQ(told(autopsy(slides, *kept, {.tokens = {20, 20}}, {})), expected);
    EXPECT_EQ(told(lifetimesAutopsy(*kept, {.tokens = {20, 20}, .windows = {10}})), expected);
    EXPECT_EQ(told(lifetimesAutopsy(*kept, {.tokens = {20, 20}})), (std::vector<std::pair<int, bool>>{{29, false}, {25, false}}))
        << "without a trace nobody knows the window";
}

TEST_F(TokenAutopsy, givesItsNumbersAsTables)
{
    const auto kept = run({"window:budget=12", "h2o:budget=12"});
    const auto found = autopsy(m_trace, *kept, {.tokens = {20, 21}, .lanes = {{1, 0}}}, {});
    ASSERT_TRUE(found);
    const std::string text = csvText(autopsyTables(*found), {});
    EXPECT_THAT(text, HasSubstr("step,attention_mean,attention_largest,survival.0,survival.1\n"));
    EXPECT_THAT(text,
                HasSubstr("layer,lane,kept,left_at,token,by_window,score,lowest_kept,margin,rank,among,cut_token,outranked_by,"
                          "outranked_score,attention_after"));
    EXPECT_THAT(text, HasSubstr("\"window:budget=12,positions=keep,group=mean\",1,0,0,33,21,0,"));
}

TEST_F(TokenAutopsy, writesTheLifetimesThatTheWindowShowsBesideIt)
{
    const auto kept = run({"window:budget=12", "full"});
    const std::shared_ptr<const Trace> trace(std::shared_ptr<void>(), &m_trace); // the fixture owns it
    const auto figure = makeFigure("autopsy", {.traces = {trace}, .replays = {kept}}, {.lanes = {{1, 0}}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const std::string text = csvText(figure->numbers.tables(), {});
    EXPECT_THAT(text, HasSubstr("policy,lifetime_from,lifetime_to,tokens_left,tokens_stored\n"));
    EXPECT_THAT(text, HasSubstr("\"window:budget=12,positions=keep,group=mean\",12,13,58,0\n")) << "all but the last 12";
}

TEST(Lifetimes, areCountedFromReadingToLeaving)
{
    PolicyReplay policy;
    policy.layers = policy.lanes = 1;
    policy.tokens = policy.stepsDone = 6;
    policy.evictStep.assign(6, -1);
    policy.evictStep[0] = 3;
    policy.evictStep[2] = 2;
    policy.evictStep[3] = 5;
    const std::vector<int> lanes{0};
    const LifetimeHistogram one = lifetimesOf(policy, lanes, {2, 3}, 8);
    EXPECT_EQ(one.width, 1);
    EXPECT_THAT(one.left, ElementsAre(1, 0, 1, 1, 0, 0));   // lifetimes 0, 2, 3
    EXPECT_THAT(one.stayed, ElementsAre(1, 1, 0, 0, 1, 0)); // tokens 5, 4, 1
    EXPECT_THAT(one.marked, ElementsAre(0, 2));
    EXPECT_EQ(one.count(), 6);
    const LifetimeHistogram wide = lifetimesOf(policy, lanes, {0, 0}, 3);
    EXPECT_EQ(wide.width, 2);
    EXPECT_THAT(wide.left, ElementsAre(1, 2, 0));
    EXPECT_THAT(wide.marked, ElementsAre(3));
}

} // namespace
} // namespace winnow
