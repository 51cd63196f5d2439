// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_batch.h"

#include "core/base/check.h"
#include "core/replay/lane_record.h"

#include <algorithm>
#include <numeric>

namespace winnow {

Result<void> DeviceBatch::loadMore()
{
    const int next = m_first + static_cast<int>(m_rows.size());
    if (next < m_last) {
        WINNOW_TRY(ResidentLayer rows, ResidentLayer::upload(m_gpu, m_trace, m_plan, next, m_device.moves));
        m_rows.push_back(std::move(rows));
        return {};
    }
    std::vector<kernel::WalkLayer> layers;
    for (const ResidentLayer& rows : m_rows)
        layers.push_back(rows.layer);
    WINNOW_TRY(m_layers, GpuMemory::of<kernel::WalkLayer>(m_gpu, layers));
    m_resident.resize(m_results.size());
    for (DeviceWalk& walk : deviceWalks(m_plan, m_device.headDims, m_first, m_last)) {
        for (const DeviceLane& lane : walk.lanes)
            if (!m_resident[lane.policy]) {
                WINNOW_TRY(m_resident[lane.policy], ResidentResults::upload(m_gpu, m_results[lane.policy], m_first, m_last));
            }
        WINNOW_TRY_VOID(addWalk(std::move(walk)));
    }
    WINNOW_TRY_VOID(addOracle(m_plan.keyHeads));
    if (m_plan.queryHeads != m_plan.keyHeads)
        WINNOW_TRY_VOID(addOracle(m_plan.queryHeads));
    m_isLoaded = true;
    return {};
}

Result<void> DeviceBatch::addWalk(DeviceWalk walk)
{
    Walk resident;
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
    resident.argument.signals = m_gpu.signals();
    resident.argument.shape = shape();
    resident.walk = std::move(walk);
    m_walks.push_back(std::move(resident));
    return {};
}

Result<void> DeviceBatch::addOracle(int lanes)
{
    std::vector<kernel::WalkResults> results;
    for (std::size_t p = 0; p < m_results.size(); ++p)
        if (m_resident[p] && m_results[p].lanes == lanes && !m_results[p].oracleMass.empty())
            results.push_back(m_resident[p]->at(0));
    if (results.empty())
        return {};
    Oracle oracle;
    oracle.blocks = (m_last - m_first) * lanes * kOracleStripes;
    const std::size_t cells = static_cast<std::size_t>(oracle.blocks) * static_cast<std::size_t>(m_plan.tokens);
    std::vector<int> tokens(static_cast<std::size_t>(m_plan.tokens));
    std::iota(tokens.begin(), tokens.end(), 0);
    WINNOW_TRY(oracle.program, m_gpu.program(oracleProgram()));
    WINNOW_TRY(oracle.results, GpuMemory::of<kernel::WalkResults>(m_gpu, results));
    WINNOW_TRY(oracle.tokens, GpuMemory::of<int>(m_gpu, tokens));
    WINNOW_TRY(oracle.rows, GpuMemory::make(m_gpu, cells * sizeof(float)));
    WINNOW_TRY(oracle.means, GpuMemory::make(m_gpu, cells * sizeof(double)));
    oracle.argument = {.layers = m_layers.as<const kernel::WalkLayer>(),
                       .results = oracle.results.as<const kernel::WalkResults>(),
                       .signals = m_gpu.signals(),
                       .shape = shape(),
                       .lanes = lanes,
                       .stripes = kOracleStripes,
                       .policies = static_cast<int>(results.size()),
                       .tokens = oracle.tokens.as<const int>(),
                       .rows = oracle.rows.as<float>(),
                       .means = oracle.means.as<double>()};
    m_oracles.push_back(std::move(oracle));
    return {};
}

Result<void> DeviceBatch::launch(int begin, int end)
{
    for (Walk& walk : m_walks) {
        walk.argument.begin = begin;
        walk.argument.end = end;
        WINNOW_TRY_VOID(
            m_gpu.launch(walk.program, static_cast<int>(walk.walk.lanes.size()), std::as_bytes(std::span(&walk.argument, 1))));
    }
    return {};
}

Result<void> DeviceBatch::launchOracle()
{
    for (const Oracle& oracle : m_oracles)
        WINNOW_TRY_VOID(m_gpu.launch(oracle.program, oracle.blocks, std::as_bytes(std::span(&oracle.argument, 1))));
    return {};
}

Result<void> DeviceBatch::collect(std::mutex& common)
{
    for (Walk& walk : m_walks) {
        WINNOW_TRY_VOID(m_gpu.download(std::as_writable_bytes(std::span(walk.walk.onDevice)), walk.lanes.address()));
        for (std::size_t i = 0; i < walk.walk.lanes.size(); ++i)
            checkLane(walk.walk.lanes[i], walk.walk.onDevice[i]);
    }
    for (const auto& resident : m_resident)
        if (resident)
            if (auto fetched = resident->download(m_gpu); !fetched) {
                for (auto& one : m_resident)
                    if (one)
                        one->forget();
                return fetched;
            }
    const std::lock_guard lock(common);
    for (const Walk& walk : m_walks)
        for (std::size_t i = 0; i < walk.walk.lanes.size(); ++i)
            finish(walk.walk.lanes[i], walk.walk.onDevice[i].state);
    return {};
}

/// What a lane stopped at is a fault of the program, as on the CPU.
void DeviceBatch::checkLane(const DeviceLane& lane, const kernel::WalkLane& walked) const
{
    constexpr const char* kWhat[] = {"", "fewer candidates than evictions", "a selector chose slots that it may not choose",
                                     "more slots stored than the budget allows", "more slots than there is room for"};
    const kernel::LaneState& state = walked.state;
    WINNOW_CHECK(state.fault == kernel::Fault::None, "{}: {} at step {} in layer {}, unit {}: {} slots, budget {}",
                 policyOf(lane).spec.name, kWhat[static_cast<std::size_t>(state.fault)], state.faultStep,
                 raw(m_plan.layers[static_cast<std::size_t>(lane.layer)]), lane.unit, state.slots, walked.budget);
}

void DeviceBatch::finish(const DeviceLane& lane, const kernel::LaneState& state)
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

} // namespace winnow
