// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_replay.h"

#include "core/base/check.h"
#include "core/replay/device_lanes.h"
#include "core/replay/device_memory.h"
#include "core/replay/lane_record.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

namespace winnow {

namespace {

constexpr int kTilesAhead = 16; ///< launches that may wait for the GPU: a stop is noticed after so many
constexpr double kShare = 0.9;  ///< of the GPU's free memory

/// The lanes of one kernel on the GPU.
struct ResidentWalk {
    DeviceWalk walk;
    int program = 0;
    GpuMemory lanes, scorers, selectors, arrays, leaving;
    kernel::Walk argument;
};

/// What the oracle needs besides.
struct ResidentOracle {
    GpuMemory results, tokens, rows, means;
};
constexpr int kStripes = 2; ///< blocks of the oracle for each lane

/// The layers [first, last) of a plan, with all that their walks need.
class Batch {
public:
    Batch(Gpu& gpu, const Trace& trace, const ReplayPlan& plan, std::vector<PolicyReplay>& results, int first, int last)
        : m_gpu(gpu), m_trace(trace), m_plan(plan), m_results(results), m_first(first), m_last(last)
    {
    }
    /// Brings everything onto the GPU. OutOfMemory where it holds no more.
    Result<void> load(bool moves, const std::vector<int>& headDims, const JobContext& job)
    {
        std::vector<kernel::WalkLayer> layers;
        for (int layer = m_first; layer < m_last; ++layer) {
            WINNOW_TRY_VOID(job.check("the replay"));
            WINNOW_TRY(ResidentLayer resident, ResidentLayer::upload(m_gpu, m_trace, m_plan, layer, moves));
            layers.push_back(resident.layer);
            m_rows.push_back(std::move(resident));
        }
        WINNOW_TRY(m_layers, GpuMemory::of<kernel::WalkLayer>(m_gpu, layers));
        m_resident.resize(m_results.size());
        for (DeviceWalk& walk : deviceWalks(m_plan, headDims, m_first, m_last)) {
            for (const DeviceLane& lane : walk.lanes)
                if (!m_resident[lane.policy]) {
                    WINNOW_TRY(m_resident[lane.policy], ResidentResults::upload(m_gpu, m_results[lane.policy], m_first, m_last));
                }
            WINNOW_TRY_VOID(prepare(std::move(walk)));
        }
        return m_gpu.awaitUploads();
    }
    /// Asks for the steps [begin, end) of all lanes.
    Result<void> launch(int begin, int end)
    {
        for (ResidentWalk& walk : m_walks) {
            walk.argument.begin = begin;
            walk.argument.end = end;
            WINNOW_TRY_VOID(m_gpu.launch(walk.program, static_cast<int>(walk.walk.lanes.size()),
                                         std::as_bytes(std::span(&walk.argument, 1))));
        }
        return {};
    }
    /// Asks for the oracle's masses of the policies that walk here, where they are wanted.
    Result<void> launchOracle()
    {
        for (const int lanes : {m_plan.keyHeads, m_plan.queryHeads}) {
            std::vector<kernel::WalkResults> results;
            for (std::size_t p = 0; p < m_results.size(); ++p)
                if (m_resident[p] && m_results[p].lanes == lanes && !m_results[p].oracleMass.empty())
                    results.push_back(m_resident[p]->at(0));
            if (results.empty())
                continue;
            const int blocks = (m_last - m_first) * lanes * kStripes;
            const std::size_t cells = static_cast<std::size_t>(blocks) * static_cast<std::size_t>(m_plan.tokens);
            std::vector<int> tokens(static_cast<std::size_t>(m_plan.tokens));
            std::iota(tokens.begin(), tokens.end(), 0);
            ResidentOracle resident;
            WINNOW_TRY(resident.results, GpuMemory::of<kernel::WalkResults>(m_gpu, results));
            WINNOW_TRY(resident.tokens, GpuMemory::of<int>(m_gpu, tokens));
            WINNOW_TRY(resident.rows, GpuMemory::make(m_gpu, cells * sizeof(float)));
            WINNOW_TRY(resident.means, GpuMemory::make(m_gpu, cells * sizeof(double)));
            const kernel::Oracle oracle{.layers = m_layers.as<const kernel::WalkLayer>(),
                                        .results = resident.results.as<const kernel::WalkResults>(),
                                        .shape = shape(),
                                        .lanes = lanes,
                                        .stripes = kStripes,
                                        .policies = static_cast<int>(results.size()),
                                        .tokens = resident.tokens.as<const int>(),
                                        .rows = resident.rows.as<float>(),
                                        .means = resident.means.as<double>()};
            WINNOW_TRY_VOID(m_gpu.awaitUploads());
            WINNOW_TRY(const int program, m_gpu.program(oracleProgram()));
            WINNOW_TRY_VOID(m_gpu.launch(program, blocks, std::as_bytes(std::span(&oracle, 1))));
            m_oracles.push_back(std::move(resident));
            if (m_plan.keyHeads == m_plan.queryHeads)
                break;
        }
        return {};
    }
    /// Waits for all steps, checks what the lanes say, and puts their results where those of the CPU engine go.
    Result<void> collect()
    {
        for (ResidentWalk& walk : m_walks) {
            WINNOW_TRY_VOID(m_gpu.download(std::as_writable_bytes(std::span(walk.walk.onDevice)), walk.lanes.address()));
            for (std::size_t i = 0; i < walk.walk.lanes.size(); ++i)
                checkLane(walk.walk.lanes[i], walk.walk.onDevice[i]);
        }
        for (const auto& resident : m_resident)
            if (resident)
                if (auto fetched = resident->download(m_gpu); !fetched) { // half of a batch is none
                    for (auto& one : m_resident)
                        if (one)
                            one->forget();
                    return fetched;
                }
        for (const ResidentWalk& walk : m_walks)
            for (std::size_t i = 0; i < walk.walk.lanes.size(); ++i)
                finish(walk.walk.lanes[i], walk.walk.onDevice[i].state);
        return {};
    }

private:
    kernel::Shape shape() const { return {m_plan.tokens, m_plan.prompt, m_plan.queryHeads, m_plan.keyHeads}; }
    const PolicyPlan& policyOf(const DeviceLane& lane) const { return m_plan.policies[lane.policy]; }

    Result<void> prepare(DeviceWalk walk)
    {
        ResidentWalk resident;
        WINNOW_TRY(resident.program, m_gpu.program(walkProgram(walk.parts)));
        std::size_t bytes = 0;
        std::vector<int> leaving;
        for (const DeviceLane& lane : walk.lanes) {
            bytes += lane.arrayBytes;
            if (const PromptChoice* choice = policyOf(lane).choice(lane.layer, lane.unit))
                leaving.insert(leaving.end(), choice->victims.begin(), choice->victims.end());
        }
        WINNOW_TRY(resident.arrays, GpuMemory::make(m_gpu, bytes));
        WINNOW_TRY(resident.leaving, GpuMemory::of<int>(m_gpu, leaving));
        std::byte* arrays = resident.arrays.address();
        const int* leaves = resident.leaving.as<const int>();
        for (std::size_t i = 0; i < walk.lanes.size(); ++i) {
            kernel::WalkLane& lane = walk.onDevice[i];
            lane.memory = reinterpret_cast<kernel::Byte*>(arrays);
            lane.leaving = leaves;
            lane.results = m_resident[walk.lanes[i].policy]->at(walk.lanes[i].firstCell);
            arrays += walk.lanes[i].arrayBytes;
            leaves += lane.leavingCount;
        }
        WINNOW_TRY(resident.lanes, GpuMemory::of<kernel::WalkLane>(m_gpu, walk.onDevice));
        WINNOW_TRY(resident.scorers, GpuMemory::of<std::byte>(m_gpu, walk.scorers));
        WINNOW_TRY(resident.selectors, GpuMemory::of<std::byte>(m_gpu, walk.selectors));
        resident.argument.layers = m_layers.as<const kernel::WalkLayer>();
        resident.argument.lanes = resident.lanes.as<kernel::WalkLane>();
        resident.argument.scorers = resident.scorers.address();
        resident.argument.selectors = resident.selectors.address();
        resident.argument.progress = m_gpu.progressWord();
        resident.argument.shape = shape();
        resident.walk = std::move(walk);
        m_walks.push_back(std::move(resident));
        return {};
    }
    /// What a lane stopped at is a fault of the program, as on the CPU.
    void checkLane(const DeviceLane& lane, const kernel::WalkLane& walked) const
    {
        constexpr const char* kWhat[] = {"", "fewer candidates than evictions", "a selector chose slots that it may not choose",
                                         "more slots stored than the budget allows", "more slots than there is room for"};
        const kernel::LaneState& state = walked.state;
        WINNOW_CHECK(state.fault == kernel::Fault::None, "{}: {} at step {} in layer {}, unit {}: {} slots, budget {}",
                     policyOf(lane).spec.name, kWhat[static_cast<std::size_t>(state.fault)], state.faultStep,
                     raw(m_plan.layers[static_cast<std::size_t>(lane.layer)]), lane.unit, state.slots, walked.budget);
    }
    void finish(const DeviceLane& lane, const kernel::LaneState& state)
    {
        PolicyReplay& result = m_results[lane.policy];
        result.choosesFrom = std::min(result.choosesFrom, state.firstEviction);
        const PromptChoice* choice = policyOf(lane).choice(lane.layer, lane.unit);
        if (!choice || choice->victims.empty())
            return;
        // The scores of what was decided beforehand never went to the GPU.
        std::vector<std::int32_t> tokens(choice->scores.size());
        std::iota(tokens.begin(), tokens.end(), m_plan.prompt - static_cast<int>(tokens.size()));
        const std::vector<double> scores(choice->scores.begin(), choice->scores.end());
        LaneRecord(policyOf(lane), result, lane.layer, lane.unit)
            .evicted(m_plan.prompt - 1, tokens,
                     {.victims = choice->victims, .scores = scores, .begin = choice->begin, .end = choice->end});
    }

    Gpu& m_gpu;
    const Trace& m_trace;
    const ReplayPlan& m_plan;
    std::vector<PolicyReplay>& m_results;
    int m_first, m_last;
    std::vector<ResidentLayer> m_rows;
    GpuMemory m_layers;
    std::vector<std::optional<ResidentResults>> m_resident; ///< of the policies that walk here
    std::vector<ResidentWalk> m_walks;
    std::vector<ResidentOracle> m_oracles;
};

/// Asks for all tiles, never more than a few ahead of the GPU, so that a stop is noticed.
Result<void> walkTiles(Gpu& gpu, Batch& batch, int tokens, int tile, const std::function<void(int)>& reached,
                       const JobContext& job)
{
    const volatile int* progress = gpu.progressWord();
    for (int begin = 0; begin < tokens; begin += tile) {
        while (begin - *progress > kTilesAhead * tile) {
            WINNOW_TRY_VOID(job.check("the replay"));
            WINNOW_TRY(const bool busy, gpu.busy());
            if (!busy)
                break;
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        WINNOW_TRY_VOID(job.check("the replay"));
        reached(*progress);
        WINNOW_TRY_VOID(batch.launch(begin, std::min(tokens, begin + tile)));
    }
    WINNOW_TRY_VOID(batch.launchOracle());
    return batch.collect();
}

/// Layers from `first` on that the GPU's free memory holds, at least one.
int layersThatFit(const Gpu& gpu, const Trace& trace, const ReplayPlan& plan, const std::vector<int>& headDims, bool moves,
                  int first)
{
    const auto all = static_cast<std::uint64_t>(kShare * static_cast<double>(gpu.freeBytes()));
    std::uint64_t held = 0;
    int last = first;
    while (last < static_cast<int>(plan.layers.size())) {
        held += ResidentLayer::bytes(
            trace.info().layerInfo[static_cast<std::size_t>(plan.layerIndices[static_cast<std::size_t>(last)])], plan.tokens,
            moves);
        held += std::uint64_t{kStripes} * plan.queryHeads * plan.tokens * (sizeof(float) + sizeof(double)); // for the oracle
        for (const DeviceWalk& walk : deviceWalks(plan, headDims, last, last + 1))
            for (const DeviceLane& lane : walk.lanes)
                held += lane.arrayBytes + static_cast<std::uint64_t>(plan.policies[lane.policy].lanesPerUnit()) * plan.tokens *
                                              sizeof(kernel::WalkResults) / 2; // an entry is half as large as a pointer
        if (last > first && held > all)
            break;
        ++last;
    }
    return last;
}

} // namespace

Result<void> replayOnDevice(Gpu& gpu, const Trace& trace, ReplayPlan& plan, int tile, std::vector<PolicyReplay>& results,
                            const Advanced& advanced, const JobContext& job)
{
    const auto walks = [](const PolicyPlan& policy) { return whyOnHost(policy.recipe).empty(); };
    if (std::none_of(plan.policies.begin(), plan.policies.end(), walks))
        return {};
    const bool moves = std::any_of(plan.policies.begin(), plan.policies.end(), [&](const PolicyPlan& policy) {
        return walks(policy) && policy.recipe.positions != PositionMode::Keep && policy.recipe.acts != Acts::Never;
    });
    std::vector<int> headDims;
    for (const int index : plan.layerIndices)
        headDims.push_back(trace.info().layerInfo[static_cast<std::size_t>(index)].headDim);
    const int layers = static_cast<int>(plan.layers.size());
    int together = layers; // at most, once memory has run out
    for (int first = 0; first < layers;) {
        const int last = std::min(layersThatFit(gpu, trace, plan, headDims, moves, first), first + together);
        *gpu.progressWord() = 0;
        Batch batch(gpu, trace, plan, results, first, last);
        const auto reached = [&](int step) {
            advanced(0, (first + static_cast<double>(last - first) * step / plan.tokens) / layers);
        };
        Result<void> done = batch.load(moves, headDims, job);
        if (done)
            done = walkTiles(gpu, batch, plan.tokens, tile, reached, job);
        if (!done && done.error().code == ErrorCode::OutOfMemory && last - first > 1) {
            together = (last - first) / 2;
            job.report("replaying fewer layers at once, for the GPU's memory ran out", static_cast<double>(first) / layers);
            continue;
        }
        if (!done)
            return done;
        for (PolicyPlan& policy : plan.policies)
            if (walks(policy))
                policy.walkedLayers = last;
        first = last;
    }
    return {};
}

} // namespace winnow
