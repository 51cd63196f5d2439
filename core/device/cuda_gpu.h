// SPDX-License-Identifier: GPL-3.0-or-later
// An NVIDIA GPU behind the launch layer: the driver's own functions, loaded while the program runs. Never run on a GPU so far;
// what a host can show of it is tested with a stand-in.
#pragma once

#include "core/device/cuda_driver.h"
#include "core/device/gpu.h"
#include "core/device/kernel_cache.h"

namespace winnow {

/// GPU number `index` of the driver, with the kernels of `cache`. NotFound, in one sentence: no driver, one that is too old, no
/// such GPU, no NVRTC, or one that does not know the GPU.
Result<std::shared_ptr<Gpu>> openCudaGpu(const CudaDriver& driver, int index, const KernelCache& cache);
/// The same with this machine's driver and the user's cache.
Result<std::shared_ptr<Gpu>> openCudaGpu(int index);

} // namespace winnow
