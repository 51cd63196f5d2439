// SPDX-License-Identifier: GPL-3.0-or-later
// The GPU engine with a host in the place of the GPU agrees with the CPU engine on every line of the catalog, however late either
// of the GPU's streams does its work.
#include "core/replay/ran_on.h"
#include "tests/replay/on_stand_in.h"

#include <cmath>

namespace winnow {
namespace {

using namespace testing_support;

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
    options.cuda = StandInGpu::machine();
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
    EXPECT_EQ(gpu->largest > 0, why.empty());
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

TEST(DeviceReplay, bringsUpTheNextLayersWhileOthersWalk)
{
    SyntheticOptions shape = kShape;
    shape.layers = 7;
    const MemoryTrace trace(makeSynthetic(shape));
    for (const auto& [uploads, launched] : paces()) {
        const auto gpu = std::make_shared<StandInGpu>();
        gpu->toldFree = 300000; // two batches of two layers
        gpu->memory = 300000;
        gpu->uploads = uploads;
        gpu->launched = launched;
        isTheSameOnTheStandIn(trace, "h2o:budget=24", kPrompt, gpu, true);
        EXPECT_EQ(gpu->largest, 2 * 2); // layers, lanes
        EXPECT_EQ(gpu->copiesBesideWalks > 0, launched == Pace::Late);
    }
}

TEST(DeviceReplay, runsHostPartsBesideAndSaysWhoRanWhere)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    const auto gpu = std::make_shared<StandInGpu>();
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    const auto device = replay(trace, specs, {.prompt = kPrompt, .device = "auto", .cuda = StandInGpu::machine()}, {});
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

} // namespace
} // namespace winnow
