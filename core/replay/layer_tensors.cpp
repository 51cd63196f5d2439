// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/layer_tensors.h"

#include "core/trace/rotary.h"

namespace winnow {

Result<at::Tensor> readTensor(const Trace& trace, int layerIndex, Rows what, int begin, int end)
{
    const bool vector = what != Rows::LogSumExp && what != Rows::ValueOutputNorm;
    const int heads = trace.heads(layerIndex, what);
    const int d = trace.info().layerInfo[static_cast<std::size_t>(layerIndex)].headDim;
    auto rows = vector ? at::empty({heads, end - begin, d}) : at::empty({heads, end - begin});
    WINNOW_TRY_VOID(trace.read(layerIndex, what, Position{begin}, Position{end},
                               {rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())}));
    return rows;
}

std::pair<at::Tensor, at::Tensor> rotaryTensors(const LayerInfo& layer, int begin, int end)
{
    const RotaryTable table = rotaryTable(layer, Position{begin}, Position{end});
    const std::vector<std::int64_t> shape{end - begin, table.pairs};
    return {at::tensor(table.cosines).view(shape), at::tensor(table.sines).view(shape)};
}

Result<LayerTensors> LayerTensors::read(const Trace& trace, int layerIndex, at::Device device)
{
    LayerTensors layer{.info = trace.info().layerInfo[static_cast<std::size_t>(layerIndex)]};
    const int tokens = trace.tokenCount();
    for (const auto& [what, tensor] : {std::pair(Rows::Query, &layer.q),
                                       {Rows::Key, &layer.k},
                                       {Rows::Value, &layer.v},
                                       {Rows::Output, &layer.o},
                                       {Rows::LogSumExp, &layer.lse}}) {
        WINNOW_TRY(const at::Tensor rows, readTensor(trace, layerIndex, what, 0, tokens));
        *tensor = rows.to(device);
    }
    layer.q = layer.q * layer.info.scale;
    const auto [cosines, sines] = rotaryTensors(layer.info, 0, tokens);
    layer.cosines = cosines.to(device);
    layer.sines = sines.to(device);
    return layer;
}

at::Tensor LayerTensors::rotated(const at::Tensor& rows, const at::Tensor& positions) const
{
    const auto pairs = cosines.size(1);
    if (pairs == 0)
        return rows;
    const auto index = positions.clamp_min(0);
    const auto c = cosines.index({index}), s = sines.index({index});
    const auto rotating = rows.slice(-1, 0, 2 * pairs), rest = rows.slice(-1, 2 * pairs);
    at::Tensor x, y;
    if (info.layout == RotaryLayout::Half) {
        x = rotating.slice(-1, 0, pairs);
        y = rotating.slice(-1, pairs);
        return at::cat({x * c - y * s, y * c + x * s, rest}, -1);
    }
    x = rotating.slice(-1, 0, 2 * pairs, 2);
    y = rotating.slice(-1, 1, 2 * pairs, 2);
    return at::cat({at::stack({x * c - y * s, y * c + x * s}, -1).flatten(-2), rest}, -1);
}

} // namespace winnow
