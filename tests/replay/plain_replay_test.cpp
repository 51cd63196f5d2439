// SPDX-License-Identifier: GPL-3.0-or-later
// The engine beside the slow plain replay: every line of the catalog that acts at a step, its parameters away from their
// defaults, every mode, edges. Rounding flips near-ties, so that "equal" means what the design says: at least 99.9 % of the
// lifetimes, and where a lane first differs, scores within 1e-5 of each other, relatively.
#include "tests/replay/plain/plain_replay.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include "core/replay/replay_plan.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;

constexpr double kNearTie = 1e-5;        ///< relative
constexpr double kNearTieOfRests = 1e-6; ///< absolute: what is still to come is a difference of sums in the engine

/// How the lanes of a replay compare.
struct Agreement {
    int lifetimes = 0, differ = 0;
};

/// The step at which two lists of lifetimes first differ; −1 where they do not.
int firstDifference(std::span<const std::int32_t> a, const std::vector<int>& b)
{
    int first = -1;
    for (std::size_t token = 0; token < b.size(); ++token)
        if (a[token] != b[token])
            for (const int step : {static_cast<int>(a[token]), b[token]})
                if (step >= 0 && (first < 0 || step < first))
                    first = step;
    return first;
}

/// Whether those that only one of the two let go at `step` have nearly equal scores.
bool nearlyTied(std::span<const std::int32_t> engine, const plain::Outcome& plain, int step)
{
    const auto found = plain.scores.find(step);
    if (found == plain.scores.end())
        return false;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::size_t token = 0; token < engine.size(); ++token)
        if ((engine[token] == step) != (plain.evictStep[token] == step)) {
            const double score = found->second.at(static_cast<int>(token));
            least = std::min(least, score);
            most = std::max(most, score);
        }
    return most - least <= std::max(kNearTie * std::max(std::abs(least), std::abs(most)), kNearTieOfRests);
}

/// One lane of both replays. `firstLane`: the unit's first lane in the engine's result.
struct LanePair {
    const PolicyReplay& kept;
    const plain::Outcome& expected;
    int layer = 0, firstLane = 0, lane = 0;
    std::size_t cell(int t) const { return kept.index(layer, firstLane + lane, t); }
    std::span<const std::int32_t> lifetimes() const
    {
        return std::span(kept.evictStep).subspan(cell(0), static_cast<std::size_t>(kept.tokens));
    }
};

/// The metrics of one step, and what it reads.
void stepAgrees(const LanePair& pair, int step)
{
    const auto at = static_cast<std::size_t>(step), lane = static_cast<std::size_t>(pair.lane);
    const double error = pair.expected.error[lane][at];
    ASSERT_NEAR(pair.kept.mass[pair.cell(step)], pair.expected.mass[lane][at], 1e-5);
    ASSERT_NEAR(pair.kept.error[pair.cell(step)], error, 5e-5 * (1 + error));
    ASSERT_EQ(pair.kept.occupancy[pair.cell(step)], pair.expected.occupancy[at]);
    if (!pair.kept.selects())
        return;
    plain::Tokens read;
    for (int token = 0; token <= step; ++token)
        if (pair.kept.attends(pair.layer, pair.firstLane + pair.lane, token, step))
            read.push_back(token);
    ASSERT_EQ(read, pair.expected.read[at]);
}

/// What is told of a token that left: where it went, its score, and the lowest of those that stayed.
void leavingAgrees(const LanePair& pair, int token)
{
    const std::size_t cell = pair.cell(token), at = static_cast<std::size_t>(token);
    const int step = pair.kept.evictStep[cell];
    if (!pair.kept.mergedInto.empty()) {
        ASSERT_EQ(pair.kept.mergedInto[cell], pair.expected.mergedInto[at]);
    }
    const auto scores = pair.expected.scores.find(step);
    if (pair.kept.scoreAtEviction.empty() || scores == pair.expected.scores.end() ||
        std::isnan(pair.kept.scoreAtEviction[cell])) // which a token has not that leaves a sliding window
        return;
    const double score = scores->second.at(token);
    ASSERT_NEAR(pair.kept.scoreAtEviction[cell], score, kNearTieOfRests + kNearTie * std::abs(score));
    double lowest = std::numeric_limits<double>::infinity();
    for (const int other : pair.expected.candidates.at(step))
        if (pair.expected.evictStep[static_cast<std::size_t>(other)] != step)
            lowest = std::min(lowest, scores->second.at(other));
    if (std::isfinite(lowest)) {
        ASSERT_NEAR(pair.kept.lowestKept[cell], lowest, kNearTieOfRests + kNearTie * std::abs(lowest));
    }
}

/// Everything up to where the lifetimes first differ, which must be a near-tie.
void laneAgrees(const LanePair& pair, Agreement& sum)
{
    const auto lifetimes = pair.lifetimes();
    const int first = firstDifference(lifetimes, pair.expected.evictStep);
    sum.lifetimes += pair.kept.tokens;
    for (std::size_t token = 0; token < lifetimes.size(); ++token)
        sum.differ += lifetimes[token] != pair.expected.evictStep[token];
    if (first >= 0) {
        EXPECT_TRUE(nearlyTied(lifetimes, pair.expected, first)) << "at step " << first;
    }
    for (int t = 0; t < (first < 0 ? pair.kept.tokens : first) && !testing::Test::HasFatalFailure(); ++t) {
        SCOPED_TRACE(fmt::format("step, or token, {}", t));
        stepAgrees(pair, t);
        const int left = lifetimes[static_cast<std::size_t>(t)];
        if (left >= 0 && (first < 0 || left < first))
            leavingAgrees(pair, t);
    }
}

void isThePlainReplay(const MemoryTrace& trace, const std::string& line, int prompt, Agreement& sum, bool tensors = false)
{
    SCOPED_TRACE(fmt::format("{}, prompt {}", line, prompt));
    const auto kept =
        replayOne(trace, line, {.prompt = prompt, .device = "cpu", .oracle = false, .forceTensors = tensors, .block = 7});
    const auto spec = parsePolicySpec(line);
    const auto plan = planReplay(trace.info(), std::span(&*spec, 1), {.prompt = prompt});
    ASSERT_TRUE(kept && plan);
    const PolicyPlan& policy = plan->policies.front();
    for (int layer = 0; layer < kept->layers; ++layer)
        for (int unit = 0; unit < policy.units; ++unit) {
            const plain::Outcome expected =
                plain::replay(trace.synthetic(), policy.spec,
                              {.layer = layer,
                               .unit = unit,
                               .heads = policy.headsPerUnit,
                               .lanes = policy.lanesPerUnit(),
                               .prompt = prompt,
                               .budget = policy.recipe.reader ? policy.question.slots : policy.slotsOf(layer, unit)});
            for (int lane = 0; lane < policy.lanesPerUnit(); ++lane) {
                SCOPED_TRACE(fmt::format("layer {} unit {} lane {}", layer, unit, lane));
                laneAgrees({*kept, expected, layer, unit * policy.lanesPerUnit(), lane}, sum);
            }
        }
}

SyntheticOptions shape(unsigned seed)
{
    return {.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 56, .sharpness = 1.5, .seed = seed};
}

class PlainReplay : public testing::TestWithParam<const char*> {
protected:
    void TearDown() override
    {
        EXPECT_GE(m_sum.lifetimes - m_sum.differ, 0.999 * m_sum.lifetimes) << m_sum.differ << " of " << m_sum.lifetimes;
    }
    Agreement m_sum;
};

TEST_P(PlainReplay, isWhatTheEngineDoes)
{
    const MemoryTrace trace(makeSynthetic(shape(3)));
    for (const int prompt : {0, 1, 29, 56})
        isThePlainReplay(trace, GetParam(), prompt, m_sum);
}

TEST_P(PlainReplay, isWhatTheEngineDoesInASlidingWindow)
{
    SyntheticOptions sliding = shape(4);
    sliding.window = 23;
    sliding.softcap = 5;
    const std::string_view line = GetParam();
    if (!line.starts_with("quest")) // whose pages may hold keys that are out of reach
        isThePlainReplay(MemoryTrace(makeSynthetic(sliding)), GetParam(), 20, m_sum);
}

TEST_P(PlainReplay, isWhatTheEngineDoesInEveryMode)
{
    const MemoryTrace trace(makeSynthetic(shape(5)));
    const std::string line = GetParam();
    for (const ParameterSpec& parameter : findPolicy(line.substr(0, line.find(':')))->parameters)
        if (parameter.id == "granularity" || parameter.id == "positions" || parameter.id == "group")
            for (const std::string_view choice : parameter.choices)
                if (line.find(fmt::format("{}=", parameter.id)) == std::string::npos)
                    isThePlainReplay(trace, fmt::format("{},{}={}", line, parameter.id, choice), 17, m_sum);
}

/// Every line of the catalog that acts at a step, and its parameters away from their defaults.
INSTANTIATE_TEST_SUITE_P(
    Lines, PlainReplay,
    testing::Values("window:budget=9", "streaming:budget=9", "streaming:budget=9,sinks=2,positions=keep", "h2o:budget=12",
                    "h2o:budget=12,recent=0", "tova:budget=10", "tova:budget=10,recent=1,granularity=kv", "treekv:budget=14",
                    "treekv:budget=14,sinks=1,recent=2,next=literal", "treekv:budget=14,recent=3,keep=left",
                    "scissorhands:budget=16,recent=5", "scissorhands:budget=16,recent=3,drop=7",
                    "scissorhands:budget=16,recent=3,drop=99,every=2", "scissorhands:budget=16,recent=3,decay=0.7,history=6",
                    "scissorhands:budget=16,recent=3,rule=counts,history=9", "scissorhands:budget=16,recent=3,rule=counts,drop=4",
                    "rkv:budget=16,window=3,every=4", "rkv:budget=17,window=1,every=1,kernel=3,mix=0.4,threshold=0.1",
                    "rkv:budget=32,window=2,every=1,threshold=1", "lacache:budget=20,span=2", "lacache:budget=20,span=1,sinks=2",
                    "zeromerge:budget=12,tail=3", "zeromerge:budget=12,tail=2,dense=3,scale=0.6,shrink=0.8",
                    "cam-decode:budget=12", "cam-decode:budget=12,base=streaming,sinks=2,spread=3,every=3",
                    "cam-decode:budget=12,draw=seeded,seed=4,spread=5", "wavelet:budget=14",
                    "wavelet:budget=14,sinks=0,finest=2,coarsest=3,decay=0.5", "random:budget=9", "random:budget=9,seed=77",
                    "future:budget=9", "future:budget=9,sinks=2,recent=3", "quest:budget=8,page=4,least=1,dense=1",
                    "quest:budget=20,page=3,dense=0,granularity=kv", "topk:budget=6",
                    "mix:budget=11,score=accumulated,select=tree,sinks=1,recent=2", "mix:budget=11,score=knorm",
                    "mix:budget=11,score=keydiff,every=3", "mix:budget=11,score=decayed,select=random,seed=3",
                    "mix:budget=11,score=counts", "mix:budget=11,score=mean,select=oldest", "mix:budget=11,score=last,recent=4",
                    "expr:budget=11", "expr:budget=11,score=\"max(last,left(mean))-right(max)\",select=tree,sinks=1,recent=2",
                    "expr:budget=11,score=key_norm*value_norm+(layer+1)*(head+1)/layers*sum,every=3",
                    "expr:budget=11,score=\"age<3||position==4?2:last*sqrt(step)\""),
    [](const auto& info) {
        std::string name = info.param;
        for (char& c : name)
            c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
        return name;
    });

/// Other shapes of traces, on both engines.
struct Case {
    const char* name;
    SyntheticOptions trace;
    const char* policy;
    int prompt = 0;
};

std::ostream& operator<<(std::ostream& out, const Case& c)
{
    return out << c.name << ": " << c.policy << ", prompt " << c.prompt;
}

const SyntheticOptions kGrouped{
    .layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .sharpness = 1.5F, .seed = 3};
const SyntheticOptions kInterleaved{.layers = 1,
                                    .queryHeads = 2,
                                    .keyHeads = 2,
                                    .headDim = 12,
                                    .tokens = 50,
                                    .rotaryDims = 8,
                                    .layout = RotaryLayout::Interleaved,
                                    .rotaryScale = 1.25F,
                                    .seed = 4};
const SyntheticOptions kSliding{
    .layers = 1, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .window = 20, .softcap = 5, .seed = 5};

const Case kShapes[] = {
    {"window", kGrouped, "window:budget=9"},
    {"streaming", kGrouped, "streaming:budget=9,sinks=3"},
    {"streamingKept", kGrouped, "streaming:budget=9,sinks=3,positions=keep"},
    {"h2o", kGrouped, "h2o:budget=12"},
    {"h2oPrompt", kGrouped, "h2o:budget=12,recent=4", 30},
    {"h2oQuery", kGrouped, "h2o:budget=10,granularity=query"},
    {"h2oMax", kGrouped, "h2o:budget=10,group=max"},
    {"h2oSum", kGrouped, "h2o:budget=10,group=sum,positions=reassign"},
    {"tova", kGrouped, "tova:budget=10"},
    {"tovaPrompt", kGrouped, "tova:budget=10,granularity=kv", 25},
    {"tree", kGrouped, "treekv:budget=16"},
    {"treeKept", kGrouped, "treekv:budget=16,sinks=2,recent=3,positions=keep"},
    {"treeLiteral", kGrouped, "treekv:budget=15,sinks=1,recent=4,next=literal,granularity=layer", 20},
    {"treeNoRegion", kGrouped, "treekv:budget=8,sinks=4,recent=4"},
    {"snap", kGrouped, "snapkv:budget=14,window=4,kernel=3", 40},
    {"snapKv", kGrouped, "snapkv:budget=14,window=4,kernel=5,pool=avg,granularity=kv", 40},
    {"snapReassigned", kGrouped, "snapkv:budget=14,window=4,kernel=3,granularity=layer,positions=reassign", 40},
    {"h2oInterleaved", kInterleaved, "h2o:budget=10,positions=reassign"},
    {"treeInterleaved", kInterleaved, "treekv:budget=12"},
    {"h2oSliding", kSliding, "h2o:budget=12"},
    {"tovaSliding", kSliding, "tova:budget=12,positions=reassign"},
    {"treeSliding", kSliding, "treekv:budget=14"},
    {"slidingIsTighter", kSliding, "h2o:budget=30"},
};

class PlainReplayOfShapes : public testing::TestWithParam<std::tuple<Case, bool>> {};

TEST_P(PlainReplayOfShapes, isWhatBothEnginesDo)
{
    const auto& [shape, tensors] = GetParam();
    Agreement sum;
    isThePlainReplay(MemoryTrace(makeSynthetic(shape.trace)), shape.policy, shape.prompt, sum, tensors);
    EXPECT_GE(sum.lifetimes - sum.differ, 0.999 * sum.lifetimes);
}

INSTANTIATE_TEST_SUITE_P(Shapes, PlainReplayOfShapes, testing::Combine(testing::ValuesIn(kShapes), testing::Bool()),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param).name) + (std::get<1>(info.param) ? "Tensors" : "Lanes");
                         });

TEST(PlainReplay, ofChoicesAtThePromptsEndIsWhatTheEngineDoes)
{
    const MemoryTrace trace(makeSynthetic(shape(10)));
    SyntheticOptions sliding = shape(11);
    sliding.window = 30;
    const MemoryTrace slides(makeSynthetic(sliding));
    Agreement sum;
    for (const char* line :
         {"snapkv:budget=12,window=4,kernel=5", "snapkv:budget=12,window=1,kernel=1,pool=avg,granularity=layer",
          "h2o-prompt:budget=12,window=3", "h2o-prompt:budget=12,window=12,granularity=kv", "observed-attention:budget=9",
          "knorm:budget=9", "keydiff:budget=9,granularity=layer", "keydiff:budget=9,positions=once"})
        for (const int prompt : {1, 13, 40, 56}) {
            isThePlainReplay(trace, line, prompt, sum);
            isThePlainReplay(slides, line, prompt, sum);
        }
    EXPECT_GE(sum.lifetimes - sum.differ, 0.999 * sum.lifetimes);
}

/// CAKE divides its budget at the prompt's end, by the layers' prompts; while decoding it goes by the newest rows.
TEST(PlainReplay, ofCakeWithoutAPromptIsWhatTheEngineDoes)
{
    const MemoryTrace trace(makeSynthetic(shape(6)));
    Agreement sum;
    for (const char* line :
         {"cake:budget=14,window=4", "cake:budget=14,window=2,together=3", "cake:budget=14,window=13,granularity=layer"})
        isThePlainReplay(trace, line, 0, sum);
    EXPECT_GE(sum.lifetimes - sum.differ, 0.999 * sum.lifetimes);
}

TEST(PlainReplay, knowsEveryLineThatActsAtAStep)
{
    for (const PolicyInfo& info : policyCatalog()) {
        const auto spec = parsePolicySpec(std::string(info.name));
        ASSERT_TRUE(spec);
        const plain::Rule rule = plain::ruleOf(resolved(*spec, 100));
        const bool chooses = info.name != "given"; // somebody else has chosen
        if (chooses && (info.acts == Acts::EveryStep || info.selects)) {
            EXPECT_TRUE(rule.choose || rule.read) << info.name;
        }
    }
}

/// Budgets that hold nothing but what is protected, one slot, everything but one token.
TEST(PlainReplay, isWhatTheEngineDoesAtTheEdges)
{
    SyntheticOptions two = shape(8);
    two.tokens = 2;
    SyntheticOptions one = shape(9);
    one.tokens = 1;
    Agreement sum;
    const MemoryTrace trace(makeSynthetic(shape(7)));
    for (const char* line :
         {"streaming:budget=4,sinks=3", "h2o:budget=1,recent=0", "h2o:budget=6,recent=5", "tova:budget=1", "tova:budget=55",
          "treekv:budget=5,sinks=2,recent=2", "treekv:budget=1,sinks=0,recent=0", "scissorhands:budget=15",
          "rkv:budget=4,window=3,every=1", "zeromerge:budget=4,tail=2,dense=1", "cam-decode:budget=2,recent=1", "random:budget=1",
          "topk:budget=1", "wavelet:budget=5,sinks=1,recent=3"})
        for (const int prompt : {0, 1, 2})
            isThePlainReplay(trace, line, prompt, sum);
    for (const SyntheticOptions& few : {two, one})
        for (const char* line : {"streaming:budget=1,sinks=0", "h2o:budget=1,recent=0", "tova:budget=1",
                                 "treekv:budget=1,sinks=0,recent=0", "random:budget=1", "topk:budget=1"})
            for (const int prompt : {0, 1})
                isThePlainReplay(MemoryTrace(makeSynthetic(few)), line, prompt, sum);
    EXPECT_GE(sum.lifetimes - sum.differ, 0.999 * sum.lifetimes);
}

} // namespace
} // namespace winnow
