// SPDX-License-Identifier: GPL-3.0-or-later
// One examination for the whole catalog: what every policy must hold to, whatever it does.
#include "core/device/cuda_gpu.h"
#include "core/replay/cpu_replay.h"
#include "tests/replay/engines.h"
#include "tests/replay/examination.h"
#include "tests/replay/plain/agreement.h"
#include "tests/support/memory_trace.h"
#include "tests/support/probing_scorer.h"
#include "tests/support/replay_drawing.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

using namespace testing_support;

const SyntheticOptions kShape{
    .layers = 4, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 90, .sharpness = 2, .seed = 11, .valueOutputNorm = true};
constexpr int kPrompt = 60, kBudget = 24;

class EveryPolicy : public testing::TestWithParam<std::string> {
protected:
    /// The catalog's line with a budget, and an observation window that fits it.
    std::string line(int budget) const
    {
        const PolicyInfo* info = findPolicy(GetParam());
        std::string text = GetParam();
        const auto has = [&](std::string_view key) {
            return std::any_of(info->parameters.begin(), info->parameters.end(), [&](const auto& p) { return p.id == key; });
        };
        if (has("budget"))
            text += ":budget=" + std::to_string(budget);
        for (const auto& [key, value] :
             std::initializer_list<std::pair<const char*, const char*>>{{"window", "6"},
                                                                        {"voters", "6"},
                                                                        {"lag", "8"},
                                                                        {"chunk", "5"},
                                                                        {"span", "2"},
                                                                        {"every", every()},
                                                                        {"drawn", "4"},
                                                                        {"dense", "2"},
                                                                        {"page", budget > kShape.tokens ? "1" : "4"},
                                                                        {"heads", WINNOW_FIXTURES "/policy/headkv_heads.json"}})
            if (has(key))
                text += fmt::format(",{}={}", key, value);
        return text;
    }
    /// Steps, where a policy may pause between choices; layers, for DynamicKV.
    static const char* every() { return GetParam() == "dynamickv" ? "2" : GetParam() == "rkv" ? "4" : "1"; }
    /// Slots that come on top of the budget, by the policy's own rule: HeadKV's window; rounding per head of AdaKV's paper form.
    static int onTop() { return GetParam() == "headkv" ? 6 : 0; }
    std::shared_ptr<const PolicyReplay> run(int budget, ReplayOptions options = {.prompt = kPrompt, .device = "cpu"}) const
    {
        return replayOne(m_trace, line(budget), options);
    }
    MemoryTrace m_trace{makeSynthetic(kShape)};
};

/// What a parameter can be; one empty choice where the policy does not have it.
std::vector<std::string_view> choicesOf(std::string_view policy, std::string_view id)
{
    const auto& parameters = findPolicy(policy)->parameters;
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.id == id; });
    return found == parameters.end() ? std::vector<std::string_view>{""} : found->choices;
}

std::vector<std::string> names()
{
    std::vector<std::string> list;
    for (const PolicyInfo& info : policyCatalog())
        if (info.name != "given") // it has no rule of its own: tests/replay/given_test.cpp
            list.emplace_back(info.name);
    return list;
}
INSTANTIATE_TEST_SUITE_P(Catalog, EveryPolicy, testing::ValuesIn(names()), [](const auto& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST_P(EveryPolicy, neverHoldsMoreThanItsBudget)
{
    const auto kept = run(kBudget);
    holdNoMoreThanTheBudget(*kept, kPrompt, kBudget, std::atoi(every()), onTop());
    if (GetParam() == "dynamickv" || GetParam() == "cake") { // the layers share one sum, at the last update
        EXPECT_LE(std::accumulate(kept->budgets.end() - kept->layers, kept->budgets.end(), 0), kept->layers * kBudget);
    }
}

TEST_P(EveryPolicy, fillsItsBudgetAndItsLifetimesAgreeWithItsOccupancy)
{
    const auto kept = run(kBudget);
    lifetimesAgreeWithOccupancy(*kept);
    if (!kept->budgets.empty() || findPolicy(GetParam())->acts != Acts::EveryStep || GetParam() == "rkv" ||
        GetParam() == "lacache")
        return; // these pause between choices, or let more go than they must
    for (int layer = 0; layer < kept->layers; ++layer)
        for (int lane = 0; lane < kept->lanes; ++lane)
            for (int t = kPrompt; t < kept->tokens; ++t)
                ASSERT_EQ(kept->occupancy[kept->index(layer, lane, t)], kBudget);
}

TEST_P(EveryPolicy, reportsTheMassOfWhatItAttendsTo) { massIsThatOfWhatIsAttendedTo(*run(kBudget), m_trace.synthetic()); }

TEST_P(EveryPolicy, mergesOnlyWhatLeftAndIntoWhatStayed)
{
    const auto kept = run(kBudget);
    EXPECT_EQ(!kept->mergedInto.empty(), findPolicy(GetParam())->merges);
    EXPECT_EQ(kept->selects(), findPolicy(GetParam())->selects);
    for (std::size_t i = 0; i < kept->mergedInto.size(); ++i) {
        if (kept->mergedInto[i] < 0)
            continue;
        ASSERT_GE(kept->evictStep[i], 0);
        const auto into = i / static_cast<std::size_t>(kept->tokens) * static_cast<std::size_t>(kept->tokens) +
                          static_cast<std::size_t>(kept->mergedInto[i]);
        ASSERT_TRUE(kept->evictStep[into] < 0 || kept->evictStep[into] > kept->evictStep[i]);
    }
}

/// Replays on both engines: a result, or a sentence. What breaks a contract would end this program.
void replaysOrSays(const Trace& trace, const std::string& line, int prompt)
{
    const std::vector specs{*parsePolicySpec(line)};
    for (const Engine engine : kEngines) {
        const auto done = replay(trace, specs, on(engine, {.prompt = prompt}), {});
        EXPECT_TRUE(done || done.error().code == ErrorCode::BadInput) << line << ": " << done.error().message;
    }
}

TEST_P(EveryPolicy, knowsWhatToDoWithVectorsOfZeros)
{
    SyntheticTrace zeros = makeSynthetic(kShape); // a pruned layer has such heads
    for (auto* rows : {&zeros.k[0], &zeros.v[0]})
        std::fill(rows->begin(), rows->begin() + static_cast<std::ptrdiff_t>(rows->size() / 2), 0.0F);
    std::fill(zeros.q[1].begin(), zeros.q[1].end(), 0.0F);
    attend(zeros, 0);
    attend(zeros, 1);
    replaysOrSays(MemoryTrace(zeros), line(kBudget), kPrompt);
}

TEST_P(EveryPolicy, knowsWhatToDoWithAWindowOfOneToken)
{
    SyntheticOptions one = kShape;
    one.window = 1;
    replaysOrSays(MemoryTrace(makeSynthetic(one)), line(kBudget), kPrompt);
}

TEST_P(EveryPolicy, knowsWhatToDoWithAPromptThatIsShorterThanWhatItProtects)
{
    for (const int prompt : {1, 2, 5})
        replaysOrSays(m_trace, line(kBudget), prompt);
}

TEST_P(EveryPolicy, runsTwiceAlike)
{
    const auto a = run(kBudget), b = run(kBudget);
    EXPECT_EQ(a->evictStep, b->evictStep);
    EXPECT_EQ(a->mass, b->mass);
}

TEST_P(EveryPolicy, keepsEverythingWhenTheBudgetHoldsIt)
{
    // A pyramid of this budget still holds the prompt in its smallest layer, and a table of head scores in its least head.
    const auto kept = run(GetParam().ends_with("pyramidkv") ? 2000 : GetParam() == "headkv" ? 100000 : 91);
    EXPECT_THAT(kept->evictStep, testing::Each(-1));
    EXPECT_THAT(kept->mass, testing::Each(1.0F));
    EXPECT_THAT(kept->error, testing::Each(0.0F));
    EXPECT_THAT(kept->oracleMass, testing::Each(1.0F));
}

TEST_P(EveryPolicy, stopsWhenAsked)
{
    std::stop_source stop;
    const JobContext job(stop.get_token(), [&](std::string_view, double) { stop.request_stop(); });
    const auto spec = parsePolicySpec(line(kBudget));
    const auto result = replay(m_trace, std::span(&*spec, 1), {.prompt = kPrompt, .device = "cpu", .block = 8}, job);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

/// Every line: where there is no plain form of its choices, all that follows from them.
void isWhatThePlainReplayDoes(const MemoryTrace& trace, const PolicyReplay& kept, int prompt)
{
    plain::Agreement sum;
    EXPECT_EQ(plain::differenceFromPlain(trace, kept, prompt, sum), "") << kept.spec.canonical();
    EXPECT_LE(sum.differ, sum.lifetimes / 1000);
    if (kept.scoreAtEviction.empty()) { // position-only: exactly
        EXPECT_EQ(sum.differ, 0);
    }
}

TEST_P(EveryPolicy, isWhatThePlainReplayDoes) { isWhatThePlainReplayDoes(m_trace, *run(kBudget), kPrompt); }

/// That `onGpu` does what the plain replay does, and that nearly all lifetimes are those of the CPU.
void isTheSameOn(const ReplayOptions& onGpu, const MemoryTrace& trace, const std::string& line)
{
    SCOPED_TRACE(line);
    const auto device = replayOne(trace, line, onGpu), host = replayOne(trace, line, {.prompt = onGpu.prompt, .device = "cpu"});
    ASSERT_TRUE(device && host);
    isWhatThePlainReplayDoes(trace, *device, onGpu.prompt);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < host->evictStep.size(); ++i)
        equal += host->evictStep[i] == device->evictStep[i];
    EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(host->evictStep.size()));
    if (host->scoreAtEviction.empty()) { // position-only: exactly
        EXPECT_EQ(equal, host->evictStep.size());
    }
}

TEST_P(EveryPolicy, isTheSameOnAStandIn) { isTheSameOn(on(Engine::Gpu, {.prompt = kPrompt}), m_trace, line(kBudget)); }

TEST_P(EveryPolicy, isTheSameOnCuda)
{
    if (const auto gpu = openCudaGpu(CudaOnMachine::here(), 0); !gpu)
        GTEST_SKIP() << "no CUDA device: " << gpu.error().message;
    isTheSameOn({.prompt = kPrompt, .device = "cuda"}, m_trace, line(kBudget));
    SyntheticOptions shape = kShape;
    shape.tokens = 70;
    shape.softcap = 3;
    const MemoryTrace capped(makeSynthetic(shape));
    for (const auto granularity : choicesOf(GetParam(), "granularity"))
        for (const auto positions : choicesOf(GetParam(), "positions")) {
            std::string text = line(16);
            for (const auto& [key, value] : {std::pair("granularity", granularity), {"positions", positions}})
                if (!value.empty())
                    text += fmt::format(",{}={}", key, value);
            isTheSameOn({.prompt = 40, .device = "cuda"}, capped, text);
        }
}

TEST_P(EveryPolicy, isShownRowsThatSumToOne)
{
    const auto spec =
        parsePolicySpec(GetParam() == "zeromerge" ? line(kBudget) + ",group=mean" : line(kBudget)); // which adds rows up
    const ReplayOptions options{.prompt = kPrompt, .layers = std::pair{0, 0}, .device = "cpu", .oracle = false};
    auto plan = planReplay(m_trace.info(), std::span(&*spec, 1), options);
    ASSERT_TRUE(plan) << plan.error().message;
    Recipe& recipe = plan->policies.front().recipe;
    if (!recipe.scorer || !recipe.scorer->lane(kPrompt)->wantsRow(true, -1) || recipe.foresees)
        GTEST_SKIP() << "chooses without looking at the softmax over the live slots";
    std::vector<double> sums;
    recipe.scorer = std::make_shared<ProbingScorer>(recipe.scorer, &sums);
    std::vector<PolicyReplay> results = emptyResults(*plan);
    const auto done = replayOnCpu(m_trace, *plan, options, results, [](int, double) {}, {});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_FALSE(sums.empty());
    for (const double sum : sums)
        ASSERT_NEAR(sum, 1, 1e-5);
}

TEST_P(EveryPolicy, keepsWhatItsRuleProtects) { whatTheRuleProtectsStays(*run(kBudget), kPrompt); }

/// The examination once more in every granularity and position mode that the catalog declares.
TEST_P(EveryPolicy, passesInEveryMode)
{
    SyntheticOptions shape = kShape;
    shape.tokens = 40;
    const MemoryTrace trace(makeSynthetic(shape));
    for (const auto granularity : choicesOf(GetParam(), "granularity")) {
        for (const auto positions : choicesOf(GetParam(), "positions")) {
            std::string text = line(16);
            if (!granularity.empty())
                text += fmt::format(",granularity={}", granularity);
            if (!positions.empty())
                text += fmt::format(",positions={}", positions);
            const auto lanes = replayOne(trace, text, {.prompt = 28, .device = "cpu", .oracle = false});
            ASSERT_TRUE(lanes) << text;
            SCOPED_TRACE(text);
            holdNoMoreThanTheBudget(*lanes, 28, 16, std::atoi(every()), onTop());
            lifetimesAgreeWithOccupancy(*lanes);
            massIsThatOfWhatIsAttendedTo(*lanes, trace.synthetic());
            whatTheRuleProtectsStays(*lanes, 28);
            isWhatThePlainReplayDoes(trace, *lanes, 28);
        }
    }
}

TEST_P(EveryPolicy, seesOnlyWhatASlidingWindowLeaves)
{
    SyntheticOptions shape = kShape;
    shape.tokens = 70;
    shape.window = 30;
    const MemoryTrace trace(makeSynthetic(shape));
    const auto lanes = replayOne(trace, line(16), {.prompt = 40, .device = "cpu"});
    ASSERT_TRUE(lanes);
    if (GetParam() != "quest") // whose pages may hold keys that are out of reach
        isWhatThePlainReplayDoes(trace, *lanes, 40);
    for (int layer = 0; layer < lanes->layers; ++layer)
        for (int lane = 0; lane < lanes->lanes; ++lane)
            for (int t = 0; t < lanes->tokens; ++t)
                for (int token = 0; token <= t - shape.window; ++token)
                    ASSERT_FALSE(lanes->attends(layer, lane, token, t))
                        << "layer " << layer << " lane " << lane << " token " << token << " step " << t;
    for (std::size_t i = 0; i < lanes->mass.size(); ++i) {
        ASSERT_LE(lanes->mass[i], lanes->oracleMass[i] + 1e-5) << i;
    }
}

TEST_P(EveryPolicy, needsAPromptIfItChoosesAtItsEnd)
{
    const auto spec = parsePolicySpec(line(kBudget));
    const auto result = replay(m_trace, std::span(&*spec, 1), {.device = "cpu"}, {});
    if (findPolicy(GetParam())->acts == Acts::EndOfPrompt) {
        ASSERT_FALSE(result);
        EXPECT_THAT(result.error().message, testing::HasSubstr("--prompt"));
    } else {
        EXPECT_TRUE(result);
    }
}

TEST_P(EveryPolicy, writesItselfOutSoThatItCanBeReadBack)
{
    const auto spec = parsePolicySpec(line(kBudget));
    const auto again = parsePolicySpec(spec->canonical());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->canonical(), spec->canonical());
    EXPECT_EQ(again->values, spec->values);
}

/// Any score with any choice, any budget with any choice: every part of the mixes beside every other.
class EveryMix : public testing::TestWithParam<std::string> {};

TEST_P(EveryMix, isHeldToTheSameRules)
{
    SyntheticOptions shape = kShape;
    shape.tokens = 40;
    const MemoryTrace trace(makeSynthetic(shape));
    const PolicyInfo* info = findPolicy(GetParam());
    const std::string rest = info->acts == Acts::EndOfPrompt ? ",window=6,chunk=5" : ",voters=6";
    std::vector<std::string> lines;
    for (const auto select : choicesOf(GetParam(), "select")) {
        for (const auto score : choicesOf(GetParam(), "score"))
            lines.push_back(fmt::format("{}:budget=16,select={},score={}{}", GetParam(), select, score, rest));
        for (const auto budgets : choicesOf(GetParam(), "budgets"))
            lines.push_back(fmt::format("{}:budget=16,select={},budgets={},heads={}/policy/headkv_heads.json,score=last{}",
                                        GetParam(), select, budgets, WINNOW_FIXTURES, rest));
    }
    for (const std::string& line : lines) {
        SCOPED_TRACE(line);
        const auto lanes = replayOne(trace, line, {.prompt = 28, .device = "cpu", .oracle = false});
        ASSERT_TRUE(lanes);
        isWhatThePlainReplayDoes(trace, *lanes, 28);
        lifetimesAgreeWithOccupancy(*lanes);
        whatTheRuleProtectsStays(*lanes, 28);
        EXPECT_TRUE(std::any_of(lanes->evictStep.begin(), lanes->evictStep.end(), [](std::int32_t step) { return step >= 0; }));
    }
}
INSTANTIATE_TEST_SUITE_P(Mixes, EveryMix, testing::Values("mix", "mix-prompt"),
                         [](const auto& info) { return info.param == "mix" ? "steps" : "prompt"; });

} // namespace
} // namespace winnow
