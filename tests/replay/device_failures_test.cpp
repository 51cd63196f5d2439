// SPDX-License-Identifier: GPL-3.0-or-later
// The GPU engine with hosts in the place of GPUs: memory that is told and runs out, GPUs that share the layers, that are lost or
// cannot be used at all, faults and stops.
#include "core/replay/device_replay.h"
#include "core/replay/ran_on.h"
#include "tests/replay/on_stand_in.h"

#include <numeric>

namespace winnow {
namespace {

using namespace testing_support;

/// That a replay that insists on `device` stops because it is lost.
void stopsAsLost(const Trace& trace, std::span<const PolicySpec> specs, const std::string& device)
{
    const auto insisted = replay(trace, specs, {.prompt = kPrompt, .device = device, .cuda = StandInGpu::machine()}, {});
    ASSERT_FALSE(insisted);
    EXPECT_THAT(insisted.error().message, testing::HasSubstr("was lost"));
}

/// That a replay under `auto` on GPUs that are lost goes on on the CPU, and one that insists on `device` stops. Returns what the
/// first says of where it ran.
std::string goesOnOrStops(const Trace& trace, const std::vector<PolicySpec>& specs, const std::string& device)
{
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    const auto onward = replay(trace, specs, {.prompt = kPrompt, .device = "auto", .cuda = StandInGpu::machine()}, {});
    EXPECT_TRUE(host && onward);
    if (!host || !onward)
        return {};
    areTheSame(**host, **onward);
    EXPECT_THAT((*onward)->manifest.at("replay_device_failed"), testing::HasSubstr("was lost"));
    stopsAsLost(trace, specs, device);
    return ranOnText(**onward);
}

TEST(DeviceReplay, takesFewerLayersAtOnceWhereMemoryRunsOutAndSaysSo)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    const auto gpu = std::make_shared<StandInGpu>();
    gpu->memory = 150000; // of one layer, not of three
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    const auto device = replay(trace, specs, {.prompt = kPrompt, .device = "cuda", .cuda = StandInGpu::machine()}, {});
    ASSERT_TRUE(host && device) << device.error().message;
    areTheSame(**host, **device);
    EXPECT_THAT(ranOnText(**device),
                testing::HasSubstr("the memory of stand-in (cuda:0) ran out with 3 layers at once, so it took 1"));
    EXPECT_EQ(gpu->largest, 2 * 1 * 2);
    EXPECT_EQ(gpu->used(), 0U);
}

TEST(DeviceReplay, goesOnOnTheCpuWhereTheGpuIsLostAndStopsWhereItWasAskedFor)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    for (const int after : {0, 1, 2, 3, 4, 5}) {
        StandInGpu gpu;
        gpu.toldFree = 1; // layer by layer
        gpu.lostAfter = after;
        EXPECT_THAT(goesOnOrStops(trace, mixed(), "cuda"),
                    testing::AllOf(testing::HasSubstr("CPU: "), testing::HasSubstr("the GPU failed: ")));
        EXPECT_EQ(gpu.used(), 0U);
    }
}

TEST(DeviceReplay, givesTheLayersOfALostGpuToTheOthersAndSaysSo)
{
    SyntheticOptions shape = kShape;
    shape.layers = 7;
    const MemoryTrace trace(makeSynthetic(shape));
    const auto specs = mixed();
    const auto host = replay(trace, specs, {.prompt = kPrompt, .device = "cpu"}, {});
    for (const std::size_t count : {2, 3})
        for (const int after : {-1, 0, 1, 3}) {
            SCOPED_TRACE(fmt::format("{} GPUs, the second is lost after {} launches", count, after));
            std::vector<StandInGpu> gpus(count);
            for (StandInGpu& gpu : gpus)
                gpu.toldFree = 1; // layer by layer
            gpus[1].lostAfter = after;
            const std::string device = count == 2 ? "cuda:0,cuda:1" : "auto";
            const auto shared = replay(trace, specs, {.prompt = kPrompt, .device = device, .cuda = StandInGpu::machine()}, {});
            ASSERT_TRUE(host && shared) << shared.error().message;
            areTheSame(**host, **shared);
            EXPECT_FALSE((*shared)->manifest.contains("replay_device_failed"));
            const std::string lost =
                "stand-in (cuda:1) failed (cuLaunchKernel: the stand-in was lost); use --device cpu, or look at "
                "what nvidia-smi says of it; the other GPUs took its layers";
            const bool told = (*shared)->manifest.contains("replay_device_notes");
            EXPECT_EQ(told, after >= 0 && gpus[1].launches > after); // else the others were faster
            if (told) {
                EXPECT_THAT(ranOnText(**shared), testing::EndsWith("; " + lost));
            }
            for (const StandInGpu& gpu : gpus)
                EXPECT_EQ(gpu.used(), 0U);
        }
}

TEST(DeviceReplay, keepsWhatIsDoneWhereAllGpusAreLost)
{
    SyntheticOptions shape = kShape;
    shape.layers = 7;
    const MemoryTrace trace(makeSynthetic(shape));
    std::vector<StandInGpu> gpus(2);
    for (StandInGpu& gpu : gpus) {
        gpu.toldFree = 1;
        gpu.lostAfter = 5;
    }
    EXPECT_THAT(goesOnOrStops(trace, mixed(), "cuda:0,cuda:1"), testing::HasSubstr("then CPU: "));
}

TEST(DeviceReplay, scoresPromptsOnTheCpuWhereTheGpuFailsAtThem)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto spec = parsePolicySpec("observed-attention:budget=24");
    const ReplayOptions onCpu{.prompt = kPrompt, .device = "cpu"};
    const ReplayOptions onGpu{.prompt = kPrompt, .device = "auto", .cuda = StandInGpu::machine()};
    const auto host = replay(trace, std::span(&*spec, 1), onCpu, {});
    StandInGpu gpu;
    gpu.lostAfter = 1; // in the second layer of the prompt
    const auto onward = replay(trace, std::span(&*spec, 1), onGpu, {});
    ASSERT_TRUE(host && onward) << onward.error().message;
    areTheSame(**host, **onward);
    EXPECT_THAT((*onward)->manifest.at("replay_device_notes"), testing::EndsWith("; the CPU scored the prompt"));
    gpu.launches = 0;
    stopsAsLost(trace, std::span(&*spec, 1), "cuda");
    EXPECT_EQ(gpu.used(), 0U);
}

TEST(DeviceReplay, tellsTheMemoryOfEachGpuBeforeTheWork)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto told = [&](const std::string& device) {
        std::string text;
        const auto done = replay(trace, mixed(),
                                 {.prompt = kPrompt,
                                  .device = device,
                                  .cuda = StandInGpu::machine(),
                                  .planned = [&](const std::string& memory) { text = memory; }},
                                 {});
        EXPECT_TRUE(done) << done.error().message;
        return text;
    };
    std::vector<StandInGpu> gpus(2);
    EXPECT_THAT(told("cpu"), testing::EndsWith(" of them results"));
    EXPECT_THAT(told("cuda"), testing::EndsWith(" of 1.1 GB free on stand-in (cuda:0), all layers at once"));
    EXPECT_THAT(told("auto"), testing::EndsWith(" of 1.1 GB free on stand-in (cuda:1), 2 of 3 layers at a time"));
    gpus[0].toldFree = gpus[0].memory = 200000;
    EXPECT_THAT(told("cuda"), testing::EndsWith(" of 200.0 kB free on stand-in (cuda:0), 1 of 3 layers at a time"));
}

TEST(DeviceReplay, tellsWithinATenthWhatAGpuHolds)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    for (const char* line : {"h2o:budget=24", "snapkv:budget=24,window=6", "tova:budget=24,positions=reassign", "full",
                             "observed-attention:budget=24"})
        for (const bool oracle : {false, true}) {
            const auto spec = parsePolicySpec(line);
            const ReplayOptions options{.prompt = kPrompt, .device = "cuda", .oracle = oracle, .cuda = StandInGpu::machine()};
            StandInGpu gpu;
            ASSERT_TRUE(replay(trace, std::span(&*spec, 1), options, {}));
            const auto plan = planReplay(trace.info(), std::span(&*spec, 1), options);
            const DevicePlan device = devicePlan(trace.info(), *plan, oracle);
            const std::uint64_t planned = std::accumulate(device.layerBytes.begin(), device.layerBytes.end(), std::uint64_t{0});
            EXPECT_NEAR(static_cast<double>(gpu.most()), static_cast<double>(planned), 0.1 * static_cast<double>(planned))
                << line << (oracle ? " with the oracle" : "");
        }
}

TEST(DeviceReplay, saysUnderAutoWhyAGpuIsNotUsed)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto none = [](const char* what) { return fail(ErrorCode::NotFound, "there is no {}", what); };
    CudaDriver tooOld = StandInGpu::driver();
    tooOld.driverVersion = [](int* version) {
        *version = 11080;
        return 0;
    };
    NvrtcCalls newer = standInCalls();
    newer.version = [](int* major, int* minor) { return *major = 13, *minor = 2, 0; };
    StandInGpu unknown;
    unknown.capability = 121;
    const KernelCache cache("");
    const std::pair<CudaOnMachine, std::string> machines[] = {
        {{none("driver"), none("compiler"), cache}, ""}, // not a machine for GPUs
        {{none("driver"), standInCompiler(), cache}, "there is no driver"},
        {{StandInGpu::driver(), none("compiler"), cache}, "there is no compiler"},
        {{tooOld, standInCompiler(), cache}, "the NVIDIA driver serves CUDA 11.8, and Winnow needs 12.0; install a newer driver"},
        {{StandInGpu::driver(), Nvrtc(newer), cache},
         "the NVIDIA driver serves CUDA 12.4, and NVRTC 13.2 compiles for 13.0 and newer; install a newer driver"},
        {{StandInGpu::driver(), standInCompiler(), cache},
         "this GPU has compute capability 12.1, and NVRTC 12.4 compiles for 80 to 90; install a PyTorch with a newer CUDA"},
    };
    for (const auto& [machine, why] : machines) {
        const auto shared = std::make_shared<const CudaOnMachine>(machine);
        const auto onCpu = replay(trace, mixed(), {.prompt = kPrompt, .device = "auto", .cuda = shared}, {});
        ASSERT_TRUE(onCpu) << onCpu.error().message;
        const auto said = (*onCpu)->manifest.find("replay_device_failed");
        EXPECT_EQ(said == (*onCpu)->manifest.end() ? "" : said->second, why);
        EXPECT_EQ((*onCpu)->manifest.at("replay_device"), "cpu");
        const auto insisted = replay(trace, mixed(), {.prompt = kPrompt, .device = "cuda", .cuda = shared}, {});
        ASSERT_FALSE(insisted);
        EXPECT_THAT(insisted.error().message, testing::AllOf(testing::StartsWith("device 'cuda' was asked for: "),
                                                             testing::HasSubstr(why), testing::EndsWith("; use --device cpu")));
    }
}

TEST(DeviceReplayDeathTest, stopsAtWhatMustNotBeAsTheCpuDoes)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe"; // Torch's threads are not there in a forked process
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto gpu = std::make_shared<StandInGpu>();
    gpu->faults = kernel::Fault::OverBudget;
    EXPECT_DEATH((void)replay(trace, mixed(), {.prompt = kPrompt, .device = "auto", .cuda = StandInGpu::machine()}, {}),
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
        EXPECT_TRUE(replayOnDevices({gpu.open()}, trace, *plan, devicePlan(trace.info(), *plan, true), 256, results,
                                    [](int, double) {}, {})
                        .error);
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
    const auto device = replay(trace, mixed(), {.prompt = kPrompt, .device = "cuda", .cuda = StandInGpu::machine()}, {});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, ErrorCode::OutOfMemory);
}

TEST(DeviceReplay, saysWhatIsMissingUnderCudaAndNothingUnderAuto)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto specs = mixed();
    for (const char* name : {"cuda:x", "cuda:", "gpu", "cuda:-1", "cuda:-0", "cuda:0,", ",cuda", "cuda:0,cpu"}) {
        const auto device = replay(trace, specs, {.prompt = kPrompt, .device = name}, {});
        ASSERT_FALSE(device) << name;
        EXPECT_EQ(device.error().code, ErrorCode::Usage);
        EXPECT_EQ(device.error().message,
                  fmt::format("there is no device '{}'; expected auto, cpu, cuda, cuda:n or several GPUs: cuda:0,cuda:1", name));
    }
    const auto twice = replay(trace, specs, {.prompt = kPrompt, .device = "cuda,cuda:1,cuda:0"}, {});
    EXPECT_EQ(twice.error().message, "the devices 'cuda,cuda:1,cuda:0' name cuda:0 twice; name each GPU once");
    if (openCudaGpu(CudaOnMachine::here(), 0))
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
        const auto device =
            replay(trace, mixed(), {.prompt = kPrompt, .device = "auto", .block = 4, .cuda = StandInGpu::machine()}, job);
        ASSERT_FALSE(device);
        EXPECT_EQ(device.error().code, ErrorCode::Cancelled);
        EXPECT_EQ(gpu->used(), 0U);
    }
}

} // namespace
} // namespace winnow
