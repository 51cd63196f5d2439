// SPDX-License-Identifier: GPL-3.0-or-later
// The engines against each other and against what can be counted, on random traces of many shapes.
#include "core/replay/check_policy.h"
#include "core/replay/replay_plan.h"
#include "tests/replay/engines.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <ATen/Parallel.h>

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

namespace winnow {
namespace {

using namespace testing_support;

const SyntheticOptions kGrouped{
    .layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .sharpness = 1.5F, .seed = 3};
const SyntheticOptions kSliding{
    .layers = 1, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .window = 20, .softcap = 5, .seed = 5};

TEST(Oracle, isTheBestSetOfAsManySlots)
{
    const MemoryTrace trace(makeSynthetic(kGrouped));
    const auto kept = replayOne(trace, "tova:budget=7,granularity=kv");
    const auto& full = trace.synthetic().attention[1];
    const int tokens = kept->tokens;
    for (int t = 0; t < tokens; ++t) {
        std::vector<double> row(static_cast<std::size_t>(t) + 1);
        for (int i = 0; i <= t; ++i)
            row[static_cast<std::size_t>(i)] = (full[(2 * tokens + t) * tokens + i] + full[(3 * tokens + t) * tokens + i]) / 2;
        std::sort(row.rbegin(), row.rend());
        const double best = std::accumulate(row.begin(), row.begin() + std::min<std::size_t>(row.size(), 8), 0.0);
        const auto cell = kept->index(1, 1, t);
        EXPECT_NEAR(kept->oracleMass[cell], best, 1e-5) << t;
        EXPECT_GE(kept->oracleMass[cell], kept->mass[cell] - 1e-5F) << t;
    }
}

TEST(Oracle, isTheSameFromBothEngines)
{
    for (const SyntheticOptions& options : {kGrouped, kSliding}) {
        const MemoryTrace trace(makeSynthetic(options));
        const auto lanes = replayOne(trace, "h2o:budget=9,granularity=query"),
                   device = replayOne(trace, "h2o:budget=9,granularity=query", on(Engine::Gpu, {}));
        for (std::size_t i = 0; i < lanes->oracleMass.size(); ++i)
            ASSERT_NEAR(lanes->oracleMass[i], device->oracleMass[i], 1e-5) << i;
    }
}

/// A trace that asks for more memory than there is, as a real one does on a small machine.
class TooLargeTrace final : public Trace {
public:
    const TraceInfo& info() const override { return m_small.info(); }
    const std::filesystem::path& path() const override { return m_small.path(); }
    Result<void> read(int, Rows, Position, Position, std::span<float>) const override { throw std::bad_alloc(); }

private:
    MemoryTrace m_small{makeSynthetic(kGrouped)};
};

TEST(Replay, saysThatMemoryRanOut)
{
    const auto spec = parsePolicySpec("h2o:budget=9");
    for (const Engine engine : kEngines) {
        const auto result = replay(TooLargeTrace(), std::span(&*spec, 1), on(engine, {}), {});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::OutOfMemory);
        EXPECT_EQ(result.error().message,
                  "memory ran out during the replay; choose fewer layers with --layers, or fewer policies at once");
    }
}

TEST(CheckPolicy, saysWhatATraceLacks)
{
    SyntheticOptions options = kGrouped;
    const auto problem = [&](const char* line) {
        const auto checked = checkPolicy(makeSynthetic(options).info, *parsePolicySpec(line), 40);
        return checked ? std::string() : checked.error().message;
    };
    EXPECT_EQ(problem("snapkv:budget=20,window=4"), "");
    EXPECT_THAT(problem("criticalkv:budget=20,window=4"), testing::HasSubstr("layer 0 of the trace has no vo_norm"));
    EXPECT_THAT(problem("headkv:budget=20,window=4"), testing::HasSubstr("give heads=FILE"));
    EXPECT_THAT(problem("headkv:budget=20,window=4,heads=" WINNOW_FIXTURES "/policy/headkv_heads.json"),
                testing::HasSubstr("it has 16 entries"));
    EXPECT_THAT(problem("headkv:budget=20,window=4,heads=nowhere.json"), testing::HasSubstr("nowhere.json"));
    EXPECT_THAT(problem("mix:budgets=dynamic"), testing::IsEmpty());
    for (const char* budgets : {"dynamic", "cascade", "adaptive"})
        EXPECT_THAT(
            checkPolicy(makeSynthetic(options).info, *parsePolicySpec(fmt::format("mix:budgets={}", budgets)), 0).error().message,
            testing::HasSubstr("follow the scores of the prompt, and there is none; give its length with --prompt N"));
    options.valueOutputNorm = true;
    EXPECT_EQ(problem("criticalkv:budget=20,window=4"), "");
    options.rotaryDims = 0;
    EXPECT_THAT(problem("h2o:positions=reassign"), testing::HasSubstr("no rotary embedding"));
}

TEST(FutureMass, letsGoWhatTheRestOfTheTextLooksAtLeast)
{
    const MemoryTrace trace(makeSynthetic(kGrouped));
    const auto kept = replayOne(trace, "future:budget=9,granularity=query");
    const auto& full = trace.synthetic().attention[1];
    const int tokens = kept->tokens, lane = 2;
    std::vector<int> live;
    for (int t = 0; t < tokens; ++t) {
        live.push_back(t);
        while (live.size() > 9) {
            const auto toCome = [&](int token) {
                double sum = 0;
                for (int later = t + 1; later < tokens; ++later)
                    sum += full[static_cast<std::size_t>((lane * tokens + later) * tokens + token)];
                return sum < 1e-6 ? 0 : sum;
            };
            auto least = live.begin();
            for (auto it = live.begin(); it != live.end(); ++it)
                if (toCome(*it) <= toCome(*least))
                    least = it;
            EXPECT_EQ(kept->evictStep[kept->index(1, lane, *least)], t) << "token " << *least;
            live.erase(least);
        }
    }
}

TEST(FutureMass, leavesNoOtherEvictorBehindOnTheWhole)
{
    const MemoryTrace trace(makeSynthetic(kGrouped));
    const auto total = [&](const char* line) {
        const auto kept = replayOne(trace, line);
        return std::accumulate(kept->mass.begin(), kept->mass.end(), 0.0);
    };
    const double future = total("future:budget=9");
    for (const char* line : {"streaming:budget=9", "h2o:budget=9", "tova:budget=9", "treekv:budget=9", "random:budget=9"})
        EXPECT_GT(future, total(line)) << line;
}

// at::parallel_for is compiled into its callers, and without OpenMP there it silently runs on one thread.
TEST(Replay, runsOnAllOfTorchsThreads)
{
    const int before = at::get_num_threads();
    at::set_num_threads(2);
    std::atomic<int> met = 0;
    at::parallel_for(0, 2, 1, [&](std::int64_t, std::int64_t) {
        ++met;
        for (const auto begun = std::chrono::steady_clock::now();
             met < 2 && std::chrono::steady_clock::now() - begun < std::chrono::seconds(20);)
            std::this_thread::yield();
    });
    at::set_num_threads(before);
    EXPECT_EQ(met, 2) << "is this compiler's OpenMP installed?";
}

TEST(ReplayPlan, knowsHowManyLayersTheModelHas)
{
    TraceInfo info = makeSynthetic({.layers = 3, .tokens = 12}).info;
    const auto layers = [&](std::string config) {
        info.config = std::move(config);
        const auto plan = planReplay(info, {}, {.device = "cpu"});
        return plan ? plan->modelLayers : -1;
    };
    EXPECT_EQ(layers(R"({"num_hidden_layers": 8})"), 8) << "recorded or not";
    EXPECT_EQ(layers(R"({"text_config": {"num_hidden_layers": 5}, "num_hidden_layers": 8})"), 5);
    EXPECT_EQ(layers(R"({"num_hidden_layers": 2})"), 3) << "three were recorded";
    EXPECT_EQ(layers(R"({"num_hidden_layers": "8"})"), 3);
    EXPECT_EQ(layers("{}"), 3);
    EXPECT_EQ(layers("no JSON"), 3);
    info.layers = {Layer{1}, Layer{4}, Layer{6}};
    EXPECT_EQ(layers("{}"), 7);
}

TEST(KeptByRule, isWhatAChoiceOfTheOldestLeavesWhateverThePolicyIsCalled)
{
    const auto recent = [](const char* line) { return keptByRule(resolved(*parsePolicySpec(line), 60), 16, 0).recent; };
    EXPECT_EQ(recent("window:budget=16"), 16);
    EXPECT_EQ(recent("streaming:budget=16,sinks=4"), 12);
    EXPECT_EQ(recent("mix:budget=16,sinks=2,select=oldest"), 14);
    EXPECT_LT(recent("mix:budget=16,sinks=2,select=lowest"), 14);
    EXPECT_LT(recent("mix:budget=16,sinks=2,select=oldest,budgets=pyramid"), 14); // lanes have other numbers of slots
}

TEST(KeptByRule, standsInEveryResult)
{
    const MemoryTrace trace(makeSynthetic({.layers = 1, .queryHeads = 2, .keyHeads = 1, .tokens = 40}));
    const auto rule = [&](const char* line) { return replayOne(trace, line, {.prompt = 30, .device = "cpu"})->byRule; };
    EXPECT_EQ(rule("h2o:budget=16,recent=5"), (KeptByRule{.recent = 5}));
    EXPECT_EQ(rule("streaming:budget=16,sinks=3"), (KeptByRule{.sinks = 3, .recent = 13}));
    EXPECT_EQ(rule("full"), (KeptByRule{.everything = true}));
    EXPECT_EQ(rule("snapkv:budget=12,window=4"), (KeptByRule{.from = 26})) << "the last four of thirty";
    EXPECT_EQ(rule("nacl:budget=12,window=5,sinks=2"), (KeptByRule{.sinks = 2, .from = 25}));
}

TEST(TopKOracle, isTheSameOnBothEngines)
{
    for (const int window : {0, 7}) {
        const MemoryTrace trace(makeSynthetic({.layers = 1, .queryHeads = 4, .keyHeads = 2, .tokens = 30, .window = window}));
        for (const char* line : {"h2o:budget=5", "tova:budget=4,granularity=query", "streaming:budget=3,sinks=1"}) {
            const auto lanes = replayOne(trace, line), device = replayOne(trace, line, on(Engine::Gpu, {}));
            for (std::size_t i = 0; i < lanes->oracleMass.size(); ++i)
                ASSERT_NEAR(lanes->oracleMass[i], device->oracleMass[i], 1e-5) << line << ", window " << window << ", cell " << i;
        }
    }
}

TEST(Replay, layersMayDifferInTheirHeadDimension)
{
    SyntheticOptions narrow = kGrouped, wide = kGrouped;
    narrow.headDim = 8;
    wide.headDim = 20;
    SyntheticTrace both = makeSynthetic(narrow);
    const SyntheticTrace other = makeSynthetic(wide);
    both.info.layerInfo[1] = other.info.layerInfo[1];
    both.q[1] = other.q[1];
    both.k[1] = other.k[1];
    both.v[1] = other.v[1];
    attend(both, 1);
    const MemoryTrace mixed(both), narrowOnly(makeSynthetic(narrow)), wideOnly(other);
    for (const Engine engine : kEngines) {
        for (const char* line : {"h2o:budget=9", "streaming:budget=9,positions=reassign", "rkv:budget=12", "zeromerge:budget=12",
                                 "quest:budget=12,page=4", "snapkv:budget=14,window=4", "wavelet:budget=12"}) {
            const ReplayOptions options = on(engine, {.prompt = 30});
            const auto together = replayOne(mixed, line, options), first = replayOne(narrowOnly, line, options),
                       second = replayOne(wideOnly, line, options);
            const auto cells = static_cast<std::ptrdiff_t>(together->evictStep.size() / 2);
            EXPECT_TRUE(std::equal(together->evictStep.begin(), together->evictStep.begin() + cells, first->evictStep.begin()))
                << line;
            EXPECT_TRUE(
                std::equal(together->evictStep.begin() + cells, together->evictStep.end(), second->evictStep.begin() + cells))
                << line;
            EXPECT_TRUE(std::equal(together->error.begin(), together->error.begin() + cells, first->error.begin())) << line;
            EXPECT_TRUE(std::equal(together->error.begin() + cells, together->error.end(), second->error.begin() + cells))
                << line;
        }
    }
}

TEST(Replay, severalPoliciesInOnePassEqualThemAlone)
{
    const MemoryTrace trace(makeSynthetic(kGrouped));
    std::vector<PolicySpec> specs;
    for (const char* line :
         {"full", "h2o:budget=9", "treekv:budget=12", "snapkv:budget=14,window=4", "tova:budget=25%", "random:budget=8"})
        specs.push_back(*parsePolicySpec(line));
    const auto together = replay(trace, specs, {.prompt = 30, .device = "cpu", .block = 7}, {});
    ASSERT_TRUE(together) << together.error().message;
    for (std::size_t p = 0; p < specs.size(); ++p) {
        const auto alone = replay(trace, std::span(&specs[p], 1), {.prompt = 30, .device = "cpu", .block = 64}, {});
        ASSERT_TRUE(alone);
        EXPECT_EQ((*together)->policies[p]->evictStep, (*alone)->policies[0]->evictStep) << specs[p].canonical();
        EXPECT_EQ((*together)->policies[p]->occupancy, (*alone)->policies[0]->occupancy) << specs[p].canonical();
    }
    EXPECT_EQ((*together)->policies[4]->spec.budget().slotCount(60), 15);
}

TEST(Replay, isTheSameWithAndWithoutATileOfFullAttention)
{
    // One policy without the oracle computes only the cells it reads; the oracle makes it compute them all.
    for (const SyntheticOptions& options : {kGrouped, kSliding}) {
        const MemoryTrace trace(makeSynthetic(options));
        for (const char* line : {"h2o:budget=9", "treekv:budget=12", "tova:budget=9"}) {
            const auto sparse = replayOne(trace, line, {.device = "cpu", .oracle = false});
            const auto tile = replayOne(trace, line, {.device = "cpu", .oracle = true});
            EXPECT_EQ(sparse->evictStep, tile->evictStep) << line;
            for (std::size_t i = 0; i < sparse->mass.size(); ++i)
                ASSERT_NEAR(sparse->mass[i], tile->mass[i], 2e-6) << line << " " << i;
        }
    }
}

// Between two choices the steps are computed together; in blocks of a single row each of them is one for itself.
TEST(Replay, stepsWithoutAChoiceAreTheSameTogetherAndOneByOne)
{
    SyntheticOptions soft = kGrouped, faint = kGrouped;
    soft.softcap = 3;
    faint.sharpness = 60; // shares too small to divide by
    for (const auto& [options, tolerance] : {std::pair(kGrouped, 2e-5F), std::pair(soft, 2e-5F), std::pair(faint, 2e-3F)}) {
        const MemoryTrace trace(makeSynthetic(options)); // a rounded logit of a thousand is off by 6e-5
        for (const char* line :
             {"snapkv:budget=9,window=3", "snapkv:budget=9,window=3,granularity=layer", "rkv:budget=9,window=3,every=20",
              "rkv:budget=9,window=3,every=20,granularity=query", "h2o-prompt:budget=9,positions=once"}) {
            const ReplayOptions together{.prompt = 30, .device = "cpu", .oracle = false, .block = 64},
                single{.prompt = 30, .device = "cpu", .oracle = false, .block = 1};
            const auto many = replayOne(trace, line, together), one = replayOne(trace, line, single);
            EXPECT_EQ(many->evictStep, one->evictStep) << line;
            EXPECT_EQ(many->occupancy, one->occupancy) << line;
            for (std::size_t i = 0; i < many->mass.size(); ++i) {
                ASSERT_NEAR(many->mass[i], one->mass[i], tolerance) << line << ", cell " << i;
                ASSERT_NEAR(many->error[i], one->error[i], tolerance * std::max(1.0F, one->error[i])) << line << ", cell " << i;
            }
        }
    }
}

TEST(Replay, aSubsetOfLayersGivesTheSameLanes)
{
    const MemoryTrace trace(makeSynthetic(kGrouped));
    for (const char* line : {"random:budget=8", "pyramidkv:budget=12,window=4,granularity=kv"}) {
        const auto all = replayOne(trace, line, {.prompt = 30, .device = "cpu"});
        const auto second = replayOne(trace, line, {.prompt = 30, .layers = std::pair{1, 1}, .device = "cpu"});
        ASSERT_TRUE(all && second);
        EXPECT_EQ(second->layers, 1);
        EXPECT_TRUE(std::equal(second->evictStep.begin(), second->evictStep.end(),
                               all->evictStep.begin() + static_cast<std::ptrdiff_t>(all->index(1, 0, 0))))
            << line;
    }
}

TEST(Replay, aHeadScoreFileOfAnotherModelIsRefusedBeforeAnyWork)
{
    const TemporaryFolder folder;
    const auto refusal = [&](const std::string& table) {
        std::ofstream(folder / "heads.json") << table;
        const auto spec = parsePolicySpec(fmt::format("headkv:budget=16,heads={}", (folder / "heads.json").string()));
        const auto checked = checkPolicy(makeSynthetic(kGrouped).info, *spec, 30);
        return checked ? std::string() : checked.error().message;
    };
    std::string fits; // 2 layers, 4 heads
    for (int layer = 0; layer < 2; ++layer)
        for (int head = 0; head < 4; ++head)
            fits += fmt::format("{}\"{}-{}\": [0.5, 0.25]", fits.empty() ? "{" : ", ", layer, head);
    EXPECT_EQ(refusal(fits + "}"), "");
    EXPECT_THAT(refusal(fits + ", \"2-0\": [1]}"),
                testing::AllOf(testing::HasSubstr("9 entries"), testing::HasSubstr("2 layers and 4 heads")));
    EXPECT_THAT(refusal("{\"0-0\": [1]}"), testing::HasSubstr("no list \"0-1\""));
    EXPECT_THAT(refusal("[1, 2]"), testing::HasSubstr("not an object"));
    EXPECT_THAT(refusal("{"), testing::HasSubstr("heads.json"));
    EXPECT_EQ(refusal("[1, 2]").find('\n'), std::string::npos);
}

TEST(Replay, aModelWithoutRotaryEmbeddingCannotReassignPositions)
{
    SyntheticOptions options = kGrouped;
    options.rotaryDims = 0;
    const MemoryTrace trace(makeSynthetic(options));
    const auto typed = parsePolicySpec("h2o:budget=9,positions=reassign");
    const auto refused = replay(trace, std::span(&*typed, 1), {.device = "cpu"}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("no rotary embedding"));
    EXPECT_EQ(replayOne(trace, "treekv:budget=9")->spec.value("positions"), "keep"); // a default steps back
}

TEST(Replay, handsOutWhatIsDoneSoFar)
{
    SyntheticOptions options = kGrouped;
    options.tokens = 400;
    const MemoryTrace trace(makeSynthetic(options));
    int looks = 0;
    ReplayOptions replayOptions{.device = "cpu", .block = 8};
    replayOptions.advanced = [&](const ReplayResult& soFar) {
        ++looks;
        const PolicyReplay& policy = *soFar.policies[0];
        EXPECT_GT(policy.stepsDone, 0);
        EXPECT_LT(policy.stepsDone, 400);
        EXPECT_GE(policy.occupancy[policy.index(0, 0, policy.stepsDone - 1)], 1);
        EXPECT_EQ(policy.occupancy[policy.index(0, 0, policy.stepsDone)], -1);
    };
    const auto finished = replayOne(trace, "h2o:budget=9", replayOptions);
    EXPECT_EQ(finished->stepsDone, 400);
    EXPECT_GE(looks, 1);
}

TEST(Replay, askedForCudaWhereThereIsNoneSaysSo)
{
    const MemoryTrace trace(makeSynthetic(kGrouped));
    const auto spec = parsePolicySpec("h2o:budget=9");
    const auto result = replay(trace, std::span(&*spec, 1), {.device = "tpu"}, {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, testing::HasSubstr("expected auto, cpu, cuda"));
}

} // namespace
} // namespace winnow
