// SPDX-License-Identifier: GPL-3.0-or-later
// What generation asks of a run of the model: the logits of the last token, on the host.
#pragma once

#include "core/model/run/transformer.h"

#include <span>

namespace winnow {

class LastLogits final : public ForwardObserver {
public:
    Result<void> layerRows(Layer, Position, const LayerRows&) override { return {}; }
    Result<void> logits(Position, const at::Tensor& logits) override
    {
        m_row = logits[0].to(at::kCPU).contiguous();
        return {};
    }
    bool wantsLayerRows() const override { return false; }
    bool wantsAllLogits() const override { return false; }

    /// [vocabulary], of the last call; valid until the next.
    std::span<const float> row() const { return {m_row.const_data_ptr<float>(), static_cast<std::size_t>(m_row.numel())}; }

private:
    at::Tensor m_row;
};

} // namespace winnow
