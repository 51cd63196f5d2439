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
    const auto upload = [&](std::span<const float> values, const float** address) -> Result<void> {
        if (values.empty())
            return {};
        WINNOW_TRY(GpuMemory memory, GpuMemory::of<float>(gpu, values));
        *address = memory.as<const float>();
        resident.memory.push_back(std::move(memory));
        return {};
    };
    WINNOW_TRY_VOID(upload(keys.rotated(), &to.keys));
    WINNOW_TRY_VOID(upload(keys.values(), &to.values));
    WINNOW_TRY_VOID(upload(rows.queries, &to.queries));
    WINNOW_TRY_VOID(upload(rows.outputs, &to.outputs));
    WINNOW_TRY_VOID(upload(rows.lse, &to.lse));
    WINNOW_TRY_VOID(upload(keys.plain(), &to.plainKeys));
    WINNOW_TRY_VOID(upload(rows.plainQueries, &to.plainQueries));
    WINNOW_TRY_VOID(upload(keys.table->cosines, &to.cosines));
    WINNOW_TRY_VOID(upload(keys.table->sines, &to.sines));
    to.headDim = keys.info.headDim;
    to.pairs = keys.table->pairs;
    to.interleaved = keys.info.layout == RotaryLayout::Interleaved;
    to.reach = keys.info.window;
    to.softcap = keys.info.softcap;
    return resident;
}

} // namespace winnow
