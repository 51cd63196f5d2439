// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/trace_tensors.h"

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

} // namespace winnow
