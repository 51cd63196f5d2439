// SPDX-License-Identifier: GPL-3.0-or-later
// The engine beside the slow plain replay: every line of the catalog that acts at a step, its parameters away from their
// defaults, every mode, edges.
#include "core/policy/recipe.h"
#include "tests/replay/engines.h"
#include "tests/replay/plain/agreement.h"
#include "tests/replay/plain/plain_rules.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;

void isThePlainReplay(const MemoryTrace& trace, const std::string& line, int prompt, plain::Agreement& sum,
                      Engine engine = Engine::Cpu)
{
    const auto kept = replayOne(trace, line, on(engine, {.prompt = prompt, .oracle = false, .block = 7}));
    ASSERT_TRUE(kept);
    ASSERT_TRUE(plain::choosesPlainly(kept->spec, prompt)) << line;
    EXPECT_EQ(plain::differenceFromPlain(trace, *kept, prompt, sum), "") << line << ", prompt " << prompt;
}

SyntheticOptions shape(unsigned seed)
{
    return {.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 56, .sharpness = 1.5, .seed = seed};
}

class PlainReplay : public testing::TestWithParam<const char*> {
protected:
    void TearDown() override { EXPECT_LE(m_sum.differ, m_sum.lifetimes / 1000) << m_sum.differ << " of " << m_sum.lifetimes; }
    plain::Agreement m_sum;
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
                    "morphkv:budget=12,window=4", "morphkv:budget=9,window=1,fusion=max", "keyformer:budget=12",
                    "keyformer:budget=12,recent=0,tau=2,rise=0.3,seed=5", "keyformer:budget=12,noise=none,tau=0.5",
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

class PlainReplayOfShapes : public testing::TestWithParam<std::tuple<Case, Engine>> {};

TEST_P(PlainReplayOfShapes, isWhatBothEnginesDo)
{
    const auto& [shape, engine] = GetParam();
    plain::Agreement sum;
    isThePlainReplay(MemoryTrace(makeSynthetic(shape.trace)), shape.policy, shape.prompt, sum, engine);
    EXPECT_LE(sum.differ, sum.lifetimes / 1000);
}

INSTANTIATE_TEST_SUITE_P(Shapes, PlainReplayOfShapes, testing::Combine(testing::ValuesIn(kShapes), testing::ValuesIn(kEngines)),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param).name) + "_" + nameOf(std::get<1>(info.param));
                         });

TEST(PlainReplay, ofChoicesAtThePromptsEndIsWhatTheEngineDoes)
{
    const MemoryTrace trace(makeSynthetic(shape(10)));
    SyntheticOptions sliding = shape(11);
    sliding.window = 30;
    const MemoryTrace slides(makeSynthetic(sliding));
    plain::Agreement sum;
    for (const char* line :
         {"snapkv:budget=12,window=4,kernel=5", "snapkv:budget=12,window=1,kernel=1,pool=avg,granularity=layer",
          "h2o-prompt:budget=12,window=3", "h2o-prompt:budget=12,window=12,granularity=kv", "observed-attention:budget=9",
          "knorm:budget=9", "keydiff:budget=9,granularity=layer", "keydiff:budget=9,positions=once"})
        for (const int prompt : {1, 13, 40, 56}) {
            isThePlainReplay(trace, line, prompt, sum);
            isThePlainReplay(slides, line, prompt, sum);
        }
    EXPECT_LE(sum.differ, sum.lifetimes / 1000);
}

/// CAKE divides its budget at the prompt's end, by the layers' prompts; while decoding it goes by the newest rows.
TEST(PlainReplay, ofCakeWithoutAPromptIsWhatTheEngineDoes)
{
    const MemoryTrace trace(makeSynthetic(shape(6)));
    plain::Agreement sum;
    for (const char* line :
         {"cake:budget=14,window=4", "cake:budget=14,window=2,together=3", "cake:budget=14,window=13,granularity=layer"})
        isThePlainReplay(trace, line, 0, sum);
    EXPECT_LE(sum.differ, sum.lifetimes / 1000);
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
    plain::Agreement sum;
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
    EXPECT_LE(sum.differ, sum.lifetimes / 1000);
}

} // namespace
} // namespace winnow
