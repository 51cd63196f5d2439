// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay.h"
#include "core/base/idle_threads.h"

#include "core/base/available_memory.h"
#include "core/base/library_error.h"
#include "core/device/choose_gpus.h"
#include "core/replay/cpu_replay.h"
#include "core/replay/device_columns.h"
#include "core/replay/device_replay.h"
#include "core/replay/evictor_oracle.h"
#include "core/replay/prompt_stage.h"
#include "core/replay/replay_memory.h"

#include <ATen/Context.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>

namespace winnow {

namespace {

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

/// "quest (it selects pages to read)": the policies that no GPU walks; "" where there are none.
std::string onCpuText(const ReplayPlan& plan)
{
    std::vector<std::string> onCpu;
    for (const PolicyPlan& policy : plan.policies)
        if (const std::string why = whyOnHost(policy.recipe); !why.empty())
            onCpu.push_back(fmt::format("{} ({})", policy.spec.name, why));
    return fmt::format("{}", fmt::join(onCpu, ", "));
}

/// Adds a sentence about GPUs to those that are told of a replay (ranOnText).
void addNote(std::map<std::string, std::string>& manifest, const std::string& note)
{
    std::string& notes = manifest["replay_device_notes"];
    notes += notes.empty() ? note : "; " + note;
}

/// The first of the GPUs, for what comes before the walk: it holds no more then than it does in the walk, by the plan.
ColumnsGpu columnsGpu(const ChosenGpus& chosen, const TraceInfo& info, const ReplayPlan& plan, const ReplayOptions& options)
{
    if (chosen.gpus.empty())
        return {};
    const auto& gpu = chosen.gpus.front();
    const DevicePlan device = devicePlan(info, plan, options.oracle);
    const DeviceShare share = shareOf(device, gpu->freeBytes(), static_cast<int>(chosen.gpus.size()));
    return {.gpu = gpu, .mayFail = options.device == "auto", .room = largestLoad(device, share).bytes};
}

/// Walks on GPUs what they can walk, and says in `manifest` which did. Under `auto`, what they fail at is left to the CPU.
Result<void> walkOnGpus(const ChosenGpus& chosen, const Trace& trace, ReplayPlan& plan, const DevicePlan& device,
                        const ReplayOptions& options, std::vector<PolicyReplay>& results,
                        std::map<std::string, std::string>& manifest, const Advanced& advanced, const JobContext& job)
{
    constexpr int kBlocksInTile = 4; // a launch costs little beside that
    const DeviceOutcome went =
        replayOnDevices(chosen.gpus, trace, plan, device, kBlocksInTile * options.block, results, advanced, job);
    if (went.error && (went.error->code == ErrorCode::Cancelled || options.device != "auto"))
        return fail(*went.error);
    if (!went.workers.empty())
        manifest["replay_device"] = fmt::format("{}", fmt::join(went.workers, ", "));
    if (went.error)
        manifest["replay_device_failed"] = went.error->message;
    for (const std::string& note : went.notes)
        addNote(manifest, note);
    return {};
}

Result<std::shared_ptr<const ReplayResult>> replayChecked(const Trace& trace, std::span<const PolicySpec> specs,
                                                          const ReplayOptions& options, const JobContext& job)
{
    WINNOW_TRY(const ChosenGpus chosen, chooseGpus(options.device, options.cuda ? *options.cuda : CudaOnMachine::here()));
    const std::string tensors = chosen.gpus.empty() || !at::hasCUDA() ? "cpu" : fmt::format("cuda:{}", chosen.first);
    WINNOW_TRY(ReplayPlan plan, planReplay(trace.info(), specs, options));
    const ReplayMemory memory = replayMemory(trace.info(), plan, options);
    const std::filesystem::path folder = scratchFolder();
    WINNOW_TRY(const ResultPlace place, placeOfResults(memory, plan, options, availableMemory(), scratchBytes(folder)));
    const bool usesGpus = !chosen.gpus.empty() && canWalkOnGpu(plan);
    if (options.planned) {
        std::string text = memoryText(memory, place);
        if (usesGpus) // before the choices at the prompt's end, which change budgets little
            text += "; " + deviceMemoryText(devicePlan(trace.info(), plan, options.oracle), chosen.gpus);
        options.planned(text);
    }
    ColumnsGpu columns = columnsGpu(chosen, trace.info(), plan, options);
    WINNOW_TRY_VOID(decidePrompts(trace, plan, {tensors, &columns}, job));
    WINNOW_TRY_VOID(foresee(trace, plan, {tensors, &columns}, job));
    ReplayResult frame = frameOf(trace, plan);
    for (const std::string& note : columns.notes)
        addNote(frame.manifest, note);
    if (!chosen.unused.empty() && chosen.gpus.empty())
        frame.manifest["replay_device_failed"] = chosen.unused;
    else if (!chosen.unused.empty())
        addNote(frame.manifest, chosen.unused);
    if (const std::string onCpu = onCpuText(plan); !chosen.gpus.empty() && !onCpu.empty())
        frame.manifest["replay_on_cpu"] = onCpu;
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
    const double onGpu = usesGpus ? static_cast<double>(std::count_if(plan.policies.begin(), plan.policies.end(), walks)) /
                                        static_cast<double>(plan.policies.size())
                                  : 0; // share of the work
    if (usesGpus)
        WINNOW_TRY_VOID(walkOnGpus(
            chosen, trace, plan, devicePlan(trace.info(), plan, options.oracle), options, results, frame.manifest,
            [&](int stepsDone, double fraction) { advanced(stepsDone, onGpu * fraction); }, job));
    const bool allWalked = std::all_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) {
        return !policy.walked.empty() && std::find(policy.walked.begin(), policy.walked.end(), false) == policy.walked.end();
    });
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
