// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay.h"
#include "core/base/idle_threads.h"

#include "core/base/available_memory.h"
#include "core/base/library_error.h"
#include "core/device/cuda_gpu.h"
#include "core/replay/cpu_replay.h"
#include "core/replay/device_replay.h"
#include "core/replay/evictor_oracle.h"
#include "core/replay/prompt_stage.h"
#include "core/replay/replay_memory.h"

#include <ATen/Context.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <new>
#include <stdexcept>

namespace winnow {

namespace {

/// Where the parts of a replay run.
struct Devices {
    std::string tensors = "cpu"; ///< LibTorch's name of the device that scores prompts
    std::shared_ptr<Gpu> gpu;    ///< that walks; null: the CPU does
};

/// The number of the GPU in "cuda" or "cuda:n"; nothing for other names.
std::optional<int> gpuNumber(std::string_view asked)
{
    if (asked == "cuda" || asked == "auto")
        return 0;
    int number = 0;
    const std::string_view digits = asked.starts_with("cuda:") ? asked.substr(5) : std::string_view();
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size() && number >= 0
               ? std::optional(number)
               : std::nullopt;
}

/// Under `auto` a GPU that cannot be used leaves the replay to the CPU.
Result<Devices> devicesFor(const ReplayOptions& options)
{
    const std::string& asked = options.device;
    if (asked == "cpu" || options.gpu)
        return Devices{.gpu = options.gpu};
    const std::optional<int> number = gpuNumber(asked);
    if (!number)
        return fail(ErrorCode::BadInput, "there is no device '{}'; expected auto, cpu, cuda or cuda:n", asked);
    auto gpu = openCudaGpu(*number);
    if (gpu)
        return Devices{.tensors = at::hasCUDA() ? fmt::format("cuda:{}", *number) : "cpu", .gpu = std::move(*gpu)};
    if (asked == "auto")
        return Devices{};
    return fail(gpu.error().code, "device '{}' was asked for: {}; use --device cpu", asked, gpu.error().message);
}

std::shared_ptr<const ReplayResult> bundled(const ReplayResult& frame, const std::vector<PolicyReplay>& results, int stepsDone)
{
    auto bundle = std::make_shared<ReplayResult>(frame);
    for (const PolicyReplay& result : results) {
        auto policy = std::make_shared<PolicyReplay>(result);
        policy->stepsDone = stepsDone;
        bundle->policies.push_back(std::move(policy));
    }
    return bundle;
}

ReplayResult frameOf(const Trace& trace, const ReplayPlan& plan)
{
    const TraceInfo& info = trace.info();
    ReplayResult frame{.tokenIds = info.tokens, .layers = plan.layers, .prompt = plan.prompt, .manifest = info.manifest};
    frame.manifest["loop"] = "open";
    frame.manifest["replay_device"] = "cpu";
    frame.manifest["trace"] = trace.path().filename().string();
    const auto dtype = info.manifest.find("dtype");
    const int width = dtype == info.manifest.end() || dtype->second == "float32" ? 4 : 2;
    for (const int index : plan.layerIndices)
        frame.slotBytes.push_back(2 * width * info.layerInfo[static_cast<std::size_t>(index)].headDim);
    return frame;
}

/// Walks on the GPU what it can walk, and says in `manifest` who ran where. Under `auto` a GPU that fails leaves the rest to the
/// CPU.
Result<void> walkOnGpu(Gpu& gpu, const Trace& trace, ReplayPlan& plan, const ReplayOptions& options,
                       std::vector<PolicyReplay>& results, std::map<std::string, std::string>& manifest, const Advanced& advanced,
                       const JobContext& job)
{
    constexpr int kBlocksInTile = 4; // a launch costs little beside that
    const Result<void> walked = replayOnDevice(gpu, trace, plan, kBlocksInTile * options.block, results, advanced, job);
    if (!walked && (walked.error().code == ErrorCode::Cancelled || options.device != "auto"))
        return walked;
    if (std::any_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) { return policy.walkedLayers > 0; }))
        manifest["replay_device"] = gpu.name();
    if (!walked)
        manifest["replay_device_failed"] = walked.error().message;
    std::vector<std::string> onHost;
    for (const PolicyPlan& policy : plan.policies)
        if (const std::string why = whyOnHost(policy.recipe); !why.empty())
            onHost.push_back(fmt::format("{} ({})", policy.spec.name, why));
    if (!onHost.empty())
        manifest["replay_on_cpu"] = fmt::format("{}", fmt::join(onHost, ", "));
    return {};
}

Result<std::shared_ptr<const ReplayResult>> replayChecked(const Trace& trace, std::span<const PolicySpec> specs,
                                                          const ReplayOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Devices devices, devicesFor(options));
    WINNOW_TRY(ReplayPlan plan, planReplay(trace.info(), specs, options));
    const ReplayMemory memory = replayMemory(trace.info(), plan, options);
    const std::filesystem::path folder = scratchFolder();
    WINNOW_TRY(const ResultPlace place, placeOfResults(memory, plan, options, availableMemory(), scratchBytes(folder)));
    if (options.planned)
        options.planned(memoryText(memory, place));
    WINNOW_TRY_VOID(decidePrompts(trace, plan, devices.tensors, job));
    WINNOW_TRY_VOID(foresee(trace, plan, devices.tensors, job));
    ReplayResult frame = frameOf(trace, plan);
    std::vector<PolicyReplay> results = emptyResults(plan, place);
    if (options.oracle)
        for (PolicyReplay& result : results)
            result.oracleMass.assign(result.mass.size(), std::numeric_limits<float>::quiet_NaN(), place);

    using Clock = std::chrono::steady_clock;
    auto nextLook = Clock::now();
    const auto advanced = [&](int stepsDone, double fraction) {
        job.report("replaying", fraction);
        const bool shows = options.advanced && place == ResultPlace::Memory; // a look is a copy in memory
        if (!shows || stepsDone == 0 || stepsDone == plan.tokens || Clock::now() < nextLook)
            return;
        const auto begun = Clock::now();
        options.advanced(*bundled(frame, results, stepsDone));
        const auto spent = Clock::now() - begun; // looks may cost a tenth of the time, and come ten a second at most
        nextLook = Clock::now() + std::max<Clock::duration>(std::chrono::milliseconds(100), 9 * spent);
    };
    const auto walks = [](const PolicyPlan& policy) { return whyOnHost(policy.recipe).empty(); };
    const double onGpu = devices.gpu ? static_cast<double>(std::count_if(plan.policies.begin(), plan.policies.end(), walks)) /
                                           static_cast<double>(plan.policies.size())
                                     : 0; // share of the work
    if (devices.gpu)
        WINNOW_TRY_VOID(walkOnGpu(
            *devices.gpu, trace, plan, options, results, frame.manifest,
            [&](int stepsDone, double fraction) { advanced(stepsDone, onGpu * fraction); }, job));
    const int layers = static_cast<int>(plan.layers.size());
    const bool allWalked = std::all_of(plan.policies.begin(), plan.policies.end(),
                                       [&](const PolicyPlan& policy) { return policy.walkedLayers == layers; });
    if (allWalked)
        advanced(plan.tokens, 1);
    else
        WINNOW_TRY_VOID(replayOnCpu(
            trace, plan, options, results,
            [&](int stepsDone, double fraction) { advanced(stepsDone, onGpu + (1 - onGpu) * fraction); }, job));
    if (options.evictors)
        WINNOW_TRY_VOID(addEvictorMass(trace, plan, results, job));
    auto finished = std::make_shared<ReplayResult>(frame);
    for (PolicyReplay& result : results) {
        result.stepsDone = plan.tokens;
        finished->policies.push_back(std::make_shared<PolicyReplay>(std::move(result)));
    }
    return finished;
}

} // namespace

Result<std::shared_ptr<const ReplayResult>> replay(const Trace& trace, std::span<const PolicySpec> specs,
                                                   const ReplayOptions& options, const JobContext& job)
{
    spareBusyMachine();
    try {
        return replayChecked(trace, specs, options, job);
    } catch (const c10::OutOfMemoryError&) {
        return fail(ErrorCode::OutOfMemory,
                    "the device's memory ran out during the replay; choose fewer layers with --layers, or --device cpu");
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
                    "memory ran out during the replay; choose fewer layers with --layers, or fewer policies at once");
    } catch (const c10::Error& error) {
        return fail(libraryError("the replay", error.what_without_backtrace()));
    } catch (const std::length_error&) {
        return fail(ErrorCode::OutOfMemory, "the replay asks for more than any memory holds; choose fewer layers with --layers");
    } catch (const std::exception& error) {
        return fail(libraryError("the replay", error.what()));
    }
}

} // namespace winnow
