// SPDX-License-Identifier: GPL-3.0-or-later
// Workers on batched tensors made of one lane worker for every unit: rows are copied to the host. What has no tensor form of its
// own runs with these on every device; slower there than on the CPU engine, and equal.
#pragma once

#include "core/policy/tensor_parts.h"

namespace winnow {

std::unique_ptr<TensorScorer> hostScorer(std::vector<std::unique_ptr<LaneScorer>> lanes);
std::unique_ptr<TensorSelector> hostSelector(std::vector<std::unique_ptr<LaneSelector>> lanes);

} // namespace winnow
