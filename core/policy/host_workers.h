// SPDX-License-Identifier: GPL-3.0-or-later
// Adapters that run lane workers, one per unit and on the host, behind the interface of batched tensors. Parts without a tensor
// form run through them on every device: rows are copied to the host, the choices equal those of the CPU engine, and it is
// slower.
#pragma once

#include "core/policy/tensor_parts.h"

namespace winnow {

std::unique_ptr<TensorScorer> hostScorer(std::vector<std::unique_ptr<LaneScorer>> lanes);
std::unique_ptr<TensorSelector> hostSelector(std::vector<std::unique_ptr<LaneSelector>> lanes);

} // namespace winnow
