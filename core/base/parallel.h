// Data-parallel loops for the rooms without Torch (those with it use at::parallel_for, which shares Torch's threads).
#pragma once

#include <cstddef>
#include <functional>

namespace winnow {

/// Calls `work(i)` once for every i in 0…count − 1, from as many threads as the machine has cores (the caller's among them),
/// in no order. Returns when all are done. `work` must not throw.
void parallelFor(std::size_t count, const std::function<void(std::size_t)>& work);

} // namespace winnow
