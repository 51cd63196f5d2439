// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a trace as tensors, for code that runs on any device.
#pragma once

#include "core/trace/trace.h"

#include <ATen/ATen.h>

namespace winnow {

/// Rows [begin, end) of one kind, on the host: float32 [heads, n, d], or [heads, n] for normalizers and norms.
Result<at::Tensor> readTensor(const Trace& trace, int layerIndex, Rows what, int begin, int end);

/// cos and sin of the rotary embedding at positions [begin, end), on the host: [positions, pairs].
std::pair<at::Tensor, at::Tensor> rotaryTensors(const LayerInfo& layer, int begin, int end);

} // namespace winnow
