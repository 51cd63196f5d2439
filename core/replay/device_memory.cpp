// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_memory.h"

#include "core/replay/attention_block.h"

namespace winnow {

std::uint64_t ResidentLayer::bytes(const LayerInfo& info, int tokens, bool moves)
{
    const std::uint64_t rows =
        std::uint64_t{2} * (info.keyHeads + info.queryHeads) + (moves ? info.keyHeads + info.queryHeads : 0);
    return (rows * info.headDim + info.queryHeads) * tokens * sizeof(float);
}

Result<ResidentLayer> ResidentLayer::upload(Gpu& gpu, const Trace& trace, const ReplayPlan& plan, int layer, bool moves)
{
    const int index = plan.layerIndices[static_cast<std::size_t>(layer)];
    WINNOW_TRY(const LayerKeys keys, LayerKeys::read(trace, index, moves));
    QueryBlock rows;
    WINNOW_TRY_VOID(rows.load(trace, index, keys, Position{0}, Position{plan.tokens}, false));
    ResidentLayer resident;
    kernel::WalkLayer& to = resident.layer;
    for (const auto& [values, address] : {std::pair(&keys.rotated, &to.keys),
                                          {&keys.values, &to.values},
                                          {&rows.queries, &to.queries},
                                          {&rows.outputs, &to.outputs},
                                          {&rows.lse, &to.lse},
                                          {&keys.plain, &to.plainKeys},
                                          {&rows.plainQueries, &to.plainQueries},
                                          {&keys.table.cosines, &to.cosines},
                                          {&keys.table.sines, &to.sines}}) {
        if (values->empty())
            continue;
        WINNOW_TRY(GpuMemory memory, GpuMemory::of<float>(gpu, *values));
        *address = memory.as<const float>();
        resident.memory.push_back(std::move(memory));
    }
    to.headDim = keys.info.headDim;
    to.pairs = keys.table.pairs;
    to.interleaved = keys.info.layout == RotaryLayout::Interleaved;
    to.reach = keys.info.window;
    to.softcap = keys.info.softcap;
    return resident;
}

} // namespace winnow
