// SPDX-License-Identifier: GPL-3.0-or-later
// Times of replays on a GPU beside the CPU, as JSON lines {"work": …, "seconds": …}: 8,192 tokens, 256 lanes, heads of 128, over
// rows that are drawn. Where there is no GPU, one line {"skipped": …} says why. run.py prints them.
#include "core/device/choose_gpus.h"
#include "core/replay/device_replay.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <random>

namespace winnow {
namespace {

constexpr int kTokens = 8192, kLayers = 32, kQueryHeads = 32, kKeyHeads = 8, kDim = 128; // as Llama 3.1 8B

/// Layers that are all alike: logits of deviation 1, and the row normalizers that they have on average.
class DrawnTrace final : public Trace {
public:
    DrawnTrace() : m_path("drawn.h5")
    {
        m_info.tokens.resize(kTokens);
        for (int layer = 0; layer < kLayers; ++layer) {
            m_info.layers.push_back(Layer{layer});
            m_info.layerInfo.push_back({.queryHeads = kQueryHeads,
                                        .keyHeads = kKeyHeads,
                                        .headDim = kDim,
                                        .scale = 1 / std::sqrt(static_cast<float>(kDim))});
        }
        std::mt19937 random(1);
        std::normal_distribution<float> normal;
        m_rows.resize(std::size_t{kKeyHeads} * kTokens * kDim);
        for (float& value : m_rows)
            value = normal(random);
    }
    const TraceInfo& info() const override { return m_info; }
    const std::filesystem::path& path() const override { return m_path; }
    Result<void> read(int, Rows what, Position begin, Position end, std::span<float> out) const override
    {
        const std::size_t count = raw(end) - raw(begin);
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = what == Rows::LogSumExp ? std::log(static_cast<float>(raw(begin) + i % count + 1)) + 0.5F
                                             : m_rows[(i + static_cast<std::size_t>(what) * 7919) % m_rows.size()];
        return {};
    }

private:
    TraceInfo m_info;
    std::filesystem::path m_path;
    std::vector<float> m_rows;
};

/// Bytes in a second; 0 where it is not known.
double bandwidthOf(const std::string& gpu)
{
    for (const auto& [name, bandwidth] : {std::pair("B200", 8e12), {"H200", 4.8e12}, {"H100", 3.35e12}, {"A100", 2e12}})
        if (gpu.find(name) != std::string::npos)
            return bandwidth;
    return 0;
}

/// The least seconds of a walk under a policy with `budget` slots: its steps wait for each other, and each reads the keys and
/// values of its slots once, as the float32 that the kernel reads. 0 where the bandwidth is not known.
double boundOf(int budget, double bandwidth)
{
    constexpr double kStepSeconds = 2.5e-6; // a chain of dependent reads, sums and barriers
    if (bandwidth == 0)
        return 0;
    double slots = 0; // of one lane, over all steps
    for (int step = 0; step < kTokens; ++step)
        slots += std::min(step, budget) + 1;
    const double bytes = slots * kLayers * kKeyHeads * 2 * kDim * sizeof(float);
    return std::max(bytes / bandwidth, kTokens * kStepSeconds);
}

/// Seconds that the GPU walks; a first replay compiles the kernels.
Result<double> secondsOnGpu(const std::shared_ptr<Gpu>& gpu, const Trace& trace, const std::vector<PolicySpec>& specs)
{
    double seconds = 0;
    for (int round = 0; round < 2; ++round) {
        WINNOW_TRY(ReplayPlan plan, planReplay(trace.info(), specs, {.oracle = false}));
        std::vector<PolicyReplay> results = emptyResults(plan);
        const DeviceOutcome went =
            replayOnDevices({gpu}, trace, plan, devicePlan(trace.info(), plan, false), 256, results, [](int, double) {}, {});
        if (went.error)
            return fail(*went.error);
        seconds = went.seconds;
    }
    return seconds;
}

/// Seconds of the CPU for all layers, from one of them.
Result<double> secondsOnCpu(const Trace& trace, const std::vector<PolicySpec>& specs)
{
    const auto begun = std::chrono::steady_clock::now();
    WINNOW_TRY_VOID(replay(trace, specs, {.layers = std::pair{0, 0}, .device = "cpu", .oracle = false}, {}));
    return kLayers * std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Result<void> run()
{
    const CudaOnMachine machine = CudaOnMachine::here();
    const auto gpu = openCudaGpu(machine, 0);
    if (!gpu) {
        std::cout << nlohmann::json{{"skipped", gpu.error().message}} << std::endl;
        return {};
    }
    const DrawnTrace trace;
    for (const int budget : {256, 1024}) {
        for (const char* name : {"h2o", "tova", "treekv", "streaming"}) {
            const std::string line = fmt::format("{}:budget={}", name, budget);
            WINNOW_TRY(const PolicySpec spec, parsePolicySpec(line));
            WINNOW_TRY(const double seconds, secondsOnGpu(*gpu, trace, {spec}));
            WINNOW_TRY(const double onCpu, secondsOnCpu(trace, {spec}));
            std::cout << nlohmann::json{{"work", line},
                                        {"gpu", (*gpu)->name()},
                                        {"seconds", seconds},
                                        {"cpu_seconds", onCpu},
                                        {"bound_seconds", boundOf(budget, bandwidthOf((*gpu)->name()))}}
                      << std::endl;
        }
    }
    return {};
}

} // namespace
} // namespace winnow

int main()
{
    if (const auto done = winnow::run(); !done) {
        std::cerr << done.error().message << "\n";
        return 1;
    }
    return 0;
}
