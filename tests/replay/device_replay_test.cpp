// SPDX-License-Identifier: GPL-3.0-or-later
// The GPU engine with a host in the place of the GPU: plan, upload, tiles of steps, collection and every way to fail. It agrees
// with the CPU engine on every line of the catalog, however late either of the GPU's streams does its work.
#include "core/device/cuda_gpu.h"
#include "core/replay/device_replay.h"
#include "core/replay/ran_on.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"
#include "tests/support/stand_in_gpu.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;

const SyntheticOptions kShape{
    .layers = 3, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 90, .sharpness = 2, .seed = 11, .valueOutputNorm = true};
constexpr int kPrompt = 60;

/// A budget, and what fits a short trace.
std::string lineOf(const PolicyInfo& info)
{
    std::string line(info.name);
    const auto has = [&](std::string_view key) {
        return std::any_of(info.parameters.begin(), info.parameters.end(), [&](const auto& p) { return p.id == key; });
    };
    char separator = ':';
    for (const auto& [key, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"budget", "24"},
                                                                    {"window", "6"},
                                                                    {"voters", "6"},
                                                                    {"lag", "8"},
                                                                    {"chunk", "5"},
                                                                    {"span", "2"},
                                                                    {"drawn", "4"},
                                                                    {"dense", "2"},
                                                                    {"page", "4"},
                                                                    {"heads", WINNOW_FIXTURES "/policy/headkv_heads.json"}})
        if (has(key)) {
            line += fmt::format("{}{}={}", separator, key, value);
            separator = ',';
        }
    return line;
}

/// Replays `line` with and without the stand-in and compares. Returns what the stand-in's replay says of itself.
std::map<std::string, std::string> isTheSameOnTheStandIn(const Trace& trace, const std::string& line, int prompt,
                                                         const std::shared_ptr<StandInGpu>& gpu = std::make_shared<StandInGpu>(),
                                                         bool oracle = false)
{
    SCOPED_TRACE(line);
    const auto spec = parsePolicySpec(line);
    EXPECT_TRUE(spec) << spec.error().message;
    ReplayOptions options{.prompt = prompt, .device = "cpu", .oracle = oracle};
    const auto host = replay(trace, std::span(&*spec, 1), options, {});
    options.device = "auto";
    options.gpu = gpu->open();
    options.block = 4; // tiles of 16 steps
    const auto device = replay(trace, std::span(&*spec, 1), options, {});
    EXPECT_TRUE(host) << host.error().message;
    EXPECT_TRUE(device) << device.error().message;
    EXPECT_EQ(gpu->used(), 0U);
    if (!host || !device)
        return {};
    const PolicyReplay &a = *(*host)->policies[0], &b = *(*device)->policies[0];
    EXPECT_EQ(a.evictStep, b.evictStep);
    EXPECT_EQ(a.occupancy, b.occupancy);
    EXPECT_EQ(a.choosesFrom, b.choosesFrom);
    EXPECT_EQ(a.scoreAtEviction.size(), b.scoreAtEviction.size());
    const auto near = [](const Cells<float>& x, const Cells<float>& y, const char* what) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            ASSERT_EQ(std::isnan(x[i]), std::isnan(y[i])) << what << " " << i;
            if (!std::isnan(x[i]) && x[i] != y[i]) {
                ASSERT_NEAR(x[i], y[i], 2e-5 * (1 + std::abs(x[i]))) << what << " " << i;
            }
        }
    };
    near(a.mass, b.mass, "mass");
    near(a.error, b.error, "error");
    near(a.oracleMass, b.oracleMass, "oracle");
    near(a.scoreAtEviction, b.scoreAtEviction, "score");
    near(a.lowestKept, b.lowestKept, "lowest");
    return (*device)->manifest;
}

class EveryPolicyOnAStandIn : public testing::TestWithParam<std::string> {};

std::vector<std::string> names()
{
    std::vector<std::string> list;
    for (const PolicyInfo& info : policyCatalog())
        if (info.name != "given")
            list.emplace_back(info.name);
    return list;
}
INSTANTIATE_TEST_SUITE_P(Catalog, EveryPolicyOnAStandIn, testing::ValuesIn(names()), [](const auto& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST_P(EveryPolicyOnAStandIn, isTheSameAsOnTheCpu)
{
    SyntheticOptions shape = kShape;
    shape.layers = 4; // as the table of head scores has them
    const MemoryTrace trace(makeSynthetic(shape));
    const PolicyInfo& info = *findPolicy(GetParam());
    const std::string line = lineOf(info);
    const auto gpu = std::make_shared<StandInGpu>();
    const auto manifest = isTheSameOnTheStandIn(trace, line, kPrompt, gpu, true);
    const std::string why = whyOnHost(recipeOf(resolved(*parsePolicySpec(line), kShape.tokens)));
    EXPECT_EQ(manifest.contains("replay_on_cpu"), !why.empty()); // the result says who ran where
    EXPECT_EQ(gpu->launches > 0, why.empty());
}

TEST_P(EveryPolicyOnAStandIn, isTheSameInEveryModeAndUnderAWindow)
{
    const PolicyInfo& info = *findPolicy(GetParam());
    if (!whyOnHost(recipeOf(resolved(*parsePolicySpec(lineOf(info)), 40))).empty())
        GTEST_SKIP() << "a host part";
    SyntheticOptions shape = kShape;
    shape.layers = 4;
    shape.tokens = 70;
    shape.softcap = 3;
    shape.layout = RotaryLayout::Interleaved;
    shape.rotaryDims = 6;
    const MemoryTrace whole(makeSynthetic(shape));
    shape.window = 30;
    const MemoryTrace windowed(makeSynthetic(shape));
    const auto choices = [&](std::string_view id) {
        const auto found =
            std::find_if(info.parameters.begin(), info.parameters.end(), [&](const auto& p) { return p.id == id; });
        return found == info.parameters.end() ? std::vector<std::string_view>{""} : found->choices;
    };
    for (const auto granularity : choices("granularity"))
        for (const auto positions : choices("positions")) {
            std::string line = lineOf(info);
            for (const auto& [key, value] : {std::pair("granularity", granularity), {"positions", positions}})
                if (!value.empty())
                    line += fmt::format("{}{}={}", line.find(':') == std::string::npos ? ':' : ',', key, value);
            isTheSameOnTheStandIn(whole, line, 40);
            isTheSameOnTheStandIn(windowed, line, 40);
        }
}

TEST(DeviceReplay, walksWithoutAPromptAndWithEveryReductionOfHeads)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    for (const char* line : {"h2o:budget=24", "h2o:budget=24,group=max", "h2o:budget=24,group=sum", "tova:budget=24,group=max",
                             "treekv:budget=24,next=literal", "treekv:budget=24,keep=left", "random:budget=24,seed=5",
                             "scissorhands:budget=24,drop=4", "full", "streaming:budget=20%"})
        isTheSameOnTheStandIn(trace, line, 0);
}

TEST(DeviceReplay, isTheSameWithABlockOfThreads)
{
    SyntheticOptions shape = kShape;
    shape.layers = 1;
    shape.tokens = 40;
    const MemoryTrace trace(makeSynthetic(shape));
    for (const char* line :
         {"h2o:budget=12", "tova:budget=12,positions=reassign", "treekv:budget=12", "snapkv:budget=12,window=4",
          "random:budget=12", "scissorhands:budget=16,drop=3", "streaming:budget=12"}) {
        const auto gpu = std::make_shared<StandInGpu>();
        gpu->workers = 4;
        isTheSameOnTheStandIn(trace, line, 20, gpu);
    }
}

/// Every pace of the two streams. A wait that is missing shows: rows that are not there yet, or no longer.
std::vector<std::pair<Pace, Pace>> paces()
{
    return {{Pace::AtOnce, Pace::AtOnce}, {Pace::AtOnce, Pace::Late}, {Pace::Late, Pace::AtOnce}, {Pace::Late, Pace::Late}};
}

TEST(DeviceReplay, isTheSameHoweverLateItsStreamsAre)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    for (const auto& [uploads, launched] : paces()) {
        const auto gpu = std::make_shared<StandInGpu>();
        gpu->toldFree = 1; // layer by layer
        gpu->uploads = uploads;
        gpu->launched = launched;
        isTheSameOnTheStandIn(trace, "h2o:budget=24", kPrompt, gpu, true);
    }
}

/// Several policies in one replay, one of them with a host part.
std::vector<PolicySpec> mixed()
{
    std::vector<PolicySpec> specs;
    for (const char* line : {"h2o:budget=24", "quest:budget=24,page=4", "tova:budget=24", "h2o:budget=16,recent=4"})
        specs.push_back(*parsePolicySpec(line));
    return specs;
}

void areTheSame(const ReplayResult& a, const ReplayResult& b)
{
    ASSERT_EQ(a.policies.size(), b.policies.size());
    for (std::size_t p = 0; p < a.policies.size(); ++p) {
        EXPECT_EQ(a.policies[p]->evictStep, b.policies[p]->evictStep) << p;
        EXPECT_EQ(a.policies[p]->occupancy, b.policies[p]->occupancy) << p;
        EXPECT_EQ(a.policies[p]->read, b.policies[p]->read) << p;
        EXPECT_EQ(b.policies[p]->stepsDone, b.policies[p]->tokens) << p;
    }
}

TEST(DeviceReplay, runsHostPartsBesideAndSaysWhoRanWhere)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    const auto gpu = std::make_shared<StandInGpu>();
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    const auto device = replay(trace, specs, {.prompt = kPrompt, .device = "auto", .gpu = gpu->open()}, {});
    ASSERT_TRUE(host && device);
    areTheSame(**host, **device);
    EXPECT_EQ((*device)->manifest.at("replay_device"), "stand-in (cuda:0)");
    EXPECT_EQ((*device)->manifest.at("replay_on_cpu"), "quest (it selects pages to read)");
    for (const auto& policy : (*device)->policies) {
        const bool reads = policy->spec.name == "quest";
        EXPECT_EQ(ranOn(**device, *policy).device, reads ? "CPU" : "stand-in (cuda:0)") << policy->spec.name;
        EXPECT_EQ(ranOn(**device, *policy).why, reads ? "it selects pages to read" : "") << policy->spec.name;
        EXPECT_EQ(ranOn(**host, *policy).device, "CPU");
    }
    EXPECT_THAT(ranOnText(**device), testing::StartsWith("ran on stand-in (cuda:0): h2o"));
    EXPECT_THAT(ranOnText(**device), testing::HasSubstr("on CPU: quest (it selects pages to read)"));
    EXPECT_EQ(ranOnText(**host), "");
    EXPECT_EQ(gpu->largest, 2 * 3 * 2); // both h2o walk together: policies, layers, lanes
}

TEST(DeviceReplay, takesFewerLayersAtOnceWhereMemoryRunsOutAndSaysSo)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    const auto gpu = std::make_shared<StandInGpu>();
    gpu->memory = 150000; // of one layer, not of three
    std::vector<std::string> stages;
    const JobContext job({}, [&](std::string_view stage, double) { stages.emplace_back(stage); });
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    const auto device = replay(trace, specs, {.prompt = kPrompt, .device = "cuda", .gpu = gpu->open()}, job);
    ASSERT_TRUE(host && device) << device.error().message;
    areTheSame(**host, **device);
    EXPECT_THAT(stages, testing::Contains(testing::HasSubstr("fewer layers at once")));
    EXPECT_EQ(gpu->largest, 2 * 1 * 2);
    EXPECT_EQ(gpu->used(), 0U);
}

TEST(DeviceReplay, goesOnOnTheCpuWhereTheGpuIsLostAndStopsWhereItWasAskedFor)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    for (const int after : {0, 1, 2, 3, 4, 5}) {
        const auto gpu = std::make_shared<StandInGpu>();
        gpu->toldFree = 1; // layer by layer
        gpu->lostAfter = after;
        const auto device = replay(trace, specs, {.prompt = kPrompt, .device = "auto", .gpu = gpu->open()}, {});
        ASSERT_TRUE(host && device) << device.error().message;
        areTheSame(**host, **device);
        EXPECT_THAT((*device)->manifest.at("replay_device_failed"), testing::HasSubstr("was lost"));
        EXPECT_THAT(ranOnText(**device), testing::AllOf(testing::HasSubstr("CPU: "), testing::HasSubstr("the GPU failed: ")));
        const auto insisted = replay(trace, specs, {.prompt = kPrompt, .device = "cuda", .gpu = gpu->open()}, {});
        ASSERT_FALSE(insisted);
        EXPECT_THAT(insisted.error().message, testing::HasSubstr("was lost"));
        EXPECT_EQ(gpu->used(), 0U);
    }
}

TEST(DeviceReplayDeathTest, stopsAtWhatMustNotBeAsTheCpuDoes)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe"; // Torch's threads are not there in a forked process
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto gpu = std::make_shared<StandInGpu>();
    gpu->faults = kernel::Fault::OverBudget;
    EXPECT_DEATH((void)replay(trace, mixed(), {.prompt = kPrompt, .device = "auto", .gpu = gpu->open()}, {}),
                 "h2o: more slots stored than the budget allows at step 7 in layer 0, unit 0");
}

TEST(DeviceReplay, keepsNothingOfABatchThatWasFetchedByHalf)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    for (const int after : {0, 2, 3, 5, 8, 12}) {
        auto plan = planReplay(trace.info(), specs, {.prompt = kPrompt});
        ASSERT_TRUE(plan);
        std::vector<PolicyReplay> results = emptyResults(*plan);
        StandInGpu gpu;
        gpu.lostAfterDownloads = after;
        EXPECT_FALSE(replayOnDevice(*gpu.open(), trace, *plan, 256, results, [](int, double) {}, {}));
        for (const PolicyReplay& result : results) {
            EXPECT_THAT(result.evictStep, testing::Each(-1)) << after;
            EXPECT_THAT(result.occupancy, testing::Each(-1)) << after;
            EXPECT_THAT(result.mass, testing::Each(testing::IsNan())) << after;
        }
    }
}

TEST(DeviceReplay, refusesWhatNotEvenOneLayerFits)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto gpu = std::make_shared<StandInGpu>();
    gpu->memory = 1000;
    const auto device = replay(trace, mixed(), {.prompt = kPrompt, .device = "cuda", .gpu = gpu->open()}, {});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, ErrorCode::OutOfMemory);
}

TEST(DeviceReplay, saysWhatIsMissingUnderCudaAndNothingUnderAuto)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    for (const char* name : {"cuda:x", "cuda:", "gpu", "cuda:-1", "cuda:1,cuda:2"}) {
        const auto device = replay(trace, specs, {.prompt = kPrompt, .device = name}, {});
        ASSERT_FALSE(device) << name;
        EXPECT_EQ(device.error().message, fmt::format("there is no device '{}'; expected auto, cpu, cuda or cuda:n", name));
    }
    if (openCudaGpu(0))
        GTEST_SKIP() << "there is a GPU";
    const auto device = replay(trace, specs, {.prompt = kPrompt, .device = "cuda:0"}, {});
    ASSERT_FALSE(device);
    EXPECT_THAT(device.error().message, testing::StartsWith("device 'cuda:0' was asked for: "));
    EXPECT_THAT(device.error().message, testing::EndsWith("; use --device cpu"));
    const auto automatic = replay(trace, specs, {.prompt = kPrompt}, {});
    ASSERT_TRUE(automatic);
    EXPECT_EQ((*automatic)->manifest.at("replay_device"), "cpu");
}

TEST(DeviceReplay, stopsWhenAsked)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    for (const auto& [uploads, launched] : paces()) {
        std::stop_source stop;
        const JobContext job(stop.get_token(), [&](std::string_view, double) { stop.request_stop(); });
        const auto gpu = std::make_shared<StandInGpu>();
        gpu->uploads = uploads;
        gpu->launched = launched; // what is still to be done may use the memory
        const auto device = replay(trace, mixed(), {.prompt = kPrompt, .device = "auto", .block = 4, .gpu = gpu->open()}, job);
        ASSERT_FALSE(device);
        EXPECT_EQ(device.error().code, ErrorCode::Cancelled);
        EXPECT_EQ(gpu->used(), 0U);
    }
}

} // namespace
} // namespace winnow
