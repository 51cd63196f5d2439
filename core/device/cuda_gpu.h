// SPDX-License-Identifier: GPL-3.0-or-later
// An NVIDIA GPU behind the launch layer (gpu.h): two streams of the driver, which is loaded while the program runs. No GPU has
// run it yet; tests run it with a made-up driver (tests/support/stand_in_gpu.h).
#pragma once

#include "core/device/cuda_driver.h"
#include "core/device/gpu.h"
#include "core/device/kernel_cache.h"

namespace winnow {

/// GPU number `index` of the driver, with kernels that are in `cache` or that `compiler` makes. NotFound, in one sentence: no
/// driver, one that is too old, no such GPU, or one that the compiler does not know.
Result<std::shared_ptr<Gpu>> openCudaGpu(const CudaDriver& driver, int index, const Nvrtc& compiler, const KernelCache& cache);
/// The same with this machine's driver and NVRTC, and the user's cache. NotFound also where one of them is missing.
Result<std::shared_ptr<Gpu>> openCudaGpu(int index);
/// How many GPUs this machine's driver shows; 0 where there is no driver, or one that finds none.
int cudaGpuCount();

} // namespace winnow
