// SPDX-License-Identifier: GPL-3.0-or-later
// The data-parallel loop of the rooms without Torch. (Loops whose pieces call Torch share Torch's threads:
// core/trace/torch_parallel.h.)
#pragma once

#include <cstddef>
#include <functional>

namespace winnow {

/// Calls `work(i)` once for every i in 0…count − 1, from as many threads as the machine has cores (the caller's among them),
/// in no order. Returns when all are done. Where `work` throws, no further pieces are begun, and the first exception is thrown
/// again here.
void parallelFor(std::size_t count, const std::function<void(std::size_t)>& work);

} // namespace winnow
