// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_replay.h"

#include "core/replay/device_batch.h"
#include "core/replay/layers_to_walk.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

namespace winnow {

namespace {

/// What the GPUs of a replay have in common. All but `mutex` and `layers` does not change, or is guarded by `mutex`.
struct Common {
    const Trace& trace;
    const ReplayPlan& plan;
    const DevicePlan& device;
    const int tile;
    std::vector<PolicyReplay>& results;
    const Advanced& advanced;
    const JobContext& job;
    LayersToWalk layers;
    std::mutex mutex;
    std::vector<double> walked; ///< by each GPU: layers, parts of layers included
    DeviceOutcome outcome;
    std::vector<std::string> failures; ///< of GPUs
};

/// One GPU at work on its share of the layers.
class GpuAtWork {
public:
    GpuAtWork(Gpu& gpu, Common& common, std::size_t number)
        : m_gpu(gpu), m_common(common), m_number(number),
          m_share(shareOf(common.device, gpu.freeBytes(), static_cast<int>(common.walked.size())))
    {
    }
    /// Until no layers are left, or something went wrong.
    Result<void> run()
    {
        for (std::optional<Batch> next;;) {
            if (!next) {
                WINNOW_TRY(next, loaded());
                if (!next)
                    return {};
            }
            Batch batch = std::move(*next);
            next.reset();
            WINNOW_TRY_VOID(walk(batch, next));
        }
    }

    int done() const { return m_done; } ///< layers
    double seconds() const { return m_seconds; }

private:
    struct Batch {
        LayersToWalk::Taken layers;
        std::unique_ptr<DeviceBatch> onDevice;
    };

    std::optional<Batch> begun(bool waits)
    {
        auto taken = m_common.layers.take([&](int first, int end) { return m_share.endOf(m_common.device, first, end); }, waits);
        if (!taken)
            return std::nullopt;
        auto batch = std::make_unique<DeviceBatch>(m_gpu, m_common.trace, m_common.plan, m_common.device, m_common.results,
                                                   taken->first, taken->last);
        return Batch{std::move(*taken), std::move(batch)};
    }
    Result<void> loadMore(Batch& batch)
    {
        WINNOW_TRY_VOID(m_common.job.check("the replay"));
        return batch.onDevice->loadMore();
    }
    /// The next batch, all of it on the GPU; nothing where no layers are left for it.
    Result<std::optional<Batch>> loaded()
    {
        for (;;) {
            std::optional<Batch> batch = begun(true);
            if (!batch)
                return batch;
            Result<void> went;
            while (went && !batch->onDevice->isLoaded())
                went = loadMore(*batch);
            if (went)
                return batch;
            if (went.error().code != ErrorCode::OutOfMemory || batch->layers.last - batch->layers.first == 1)
                return fail(went.error());
            takeFewer(*batch);
        }
    }
    /// After memory ran out while `batch` was brought up.
    void takeFewer(const Batch& batch)
    {
        const int layers = batch.layers.last - batch.layers.first;
        m_share.most = std::max(1, layers / 2);
        const std::lock_guard lock(m_common.mutex);
        m_common.outcome.notes.push_back(
            fmt::format("the memory of {} ran out with {} layers at once, so it took {}", m_gpu.name(), layers, m_share.most));
    }
    /// Walks `batch`, and brings up the next one meanwhile.
    Result<void> walk(Batch& batch, std::optional<Batch>& next)
    {
        const int tokens = m_common.plan.tokens;
        volatile kernel::Signals& signals = *m_gpu.signals();
        signals.progress = 0;
        signals.stop = 0;
        WINNOW_TRY_VOID(m_gpu.awaitUploads());
        const auto start = std::chrono::steady_clock::now();
        for (int begin = 0; begin < tokens; begin += m_common.tile)
            WINNOW_TRY_VOID(batch.onDevice->launch(begin, std::min(tokens, begin + m_common.tile)));
        WINNOW_TRY_VOID(batch.onDevice->launchOracle());
        const int layers = batch.layers.last - batch.layers.first;
        for (bool overlaps = m_share.overlaps, busy = true; busy;) {
            report(static_cast<double>(layers) * signals.progress / tokens);
            if (m_common.job.stopRequested()) {
                signals.stop = 1; // launches that are still to come do nothing
                return m_common.job.check("the replay");
            }
            if (overlaps && !next) {
                next = begun(false);
                overlaps = next.has_value();
            } else if (overlaps && !next->onDevice->isLoaded()) {
                if (const auto went = loadMore(*next); !went) {
                    if (went.error().code != ErrorCode::OutOfMemory)
                        return went;
                    takeFewer(*next);
                    next.reset();
                    overlaps = m_share.overlaps = m_share.most > 1;
                }
            } else {
                WINNOW_TRY(busy, m_gpu.busy());
                if (busy)
                    std::this_thread::sleep_for(std::chrono::microseconds(200));
            }
        }
        m_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        WINNOW_TRY_VOID(batch.onDevice->collect(m_common.mutex));
        batch.layers.done();
        m_done += layers;
        report(0);
        return {};
    }
    /// `walking`: layers, by the steps of them that are done.
    void report(double walking)
    {
        const std::lock_guard lock(m_common.mutex);
        m_common.walked[m_number] = m_done + walking;
        double all = 0;
        for (const double walked : m_common.walked)
            all += walked;
        m_common.advanced(0, all / static_cast<double>(m_common.plan.layers.size()));
    }

    Gpu& m_gpu;
    Common& m_common;
    std::size_t m_number;
    DeviceShare m_share;
    int m_done = 0;
    double m_seconds = 0;
};

} // namespace

DeviceOutcome replayOnDevices(const std::vector<std::shared_ptr<Gpu>>& gpus, const Trace& trace, ReplayPlan& plan,
                              const DevicePlan& device, int tile, std::vector<PolicyReplay>& results, const Advanced& advanced,
                              const JobContext& job)
{
    Common common{.trace = trace,
                  .plan = plan,
                  .device = device,
                  .tile = tile,
                  .results = results,
                  .advanced = advanced,
                  .job = job,
                  .layers = LayersToWalk(static_cast<int>(plan.layers.size())),
                  .walked = std::vector<double>(gpus.size())};
    const auto work = [&](std::size_t number) {
        GpuAtWork atWork(*gpus[number], common, number);
        const Result<void> went = atWork.run();
        const std::lock_guard lock(common.mutex);
        common.outcome.seconds = std::max(common.outcome.seconds, atWork.seconds());
        if (atWork.done() > 0)
            common.outcome.workers.push_back(gpus[number]->name());
        if (went)
            return;
        if (went.error().code != ErrorCode::Cancelled)
            common.failures.push_back(went.error().message);
        if (!common.outcome.error || went.error().code == ErrorCode::Cancelled)
            common.outcome.error = went.error();
    };
    std::vector<std::future<void>> others;
    for (std::size_t number = 1; number < gpus.size(); ++number)
        others.push_back(std::async(std::launch::async, work, number));
    work(0);
    for (auto& other : others)
        other.get();
    std::sort(common.outcome.workers.begin(), common.outcome.workers.end());
    const std::vector<bool> walked = common.layers.walked();
    if (std::find(walked.begin(), walked.end(), false) == walked.end()) {
        common.outcome.error.reset();
        for (const std::string& failure : common.failures)
            common.outcome.notes.push_back(fmt::format("{}; the other GPUs took its layers", failure));
    }
    for (PolicyPlan& policy : plan.policies)
        if (whyOnHost(policy.recipe).empty())
            policy.walked = walked;
    return common.outcome;
}

} // namespace winnow
