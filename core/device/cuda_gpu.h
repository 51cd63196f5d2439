// SPDX-License-Identifier: GPL-3.0-or-later
// An NVIDIA GPU behind the launch layer (gpu.h): two streams of the driver, which is loaded while the program runs. No GPU has
// run it yet; tests run it with a made-up driver (tests/support/stand_in_gpu.h).
#pragma once

#include "core/device/cuda_driver.h"
#include "core/device/gpu.h"
#include "core/device/kernel_cache.h"

namespace winnow {

/// What of CUDA a machine has; of what it lacks, why.
struct CudaOnMachine {
    Result<CudaDriver> driver;
    Result<Nvrtc> compiler;
    KernelCache cache;

    /// This machine, with the user's cache.
    static CudaOnMachine here();
};

/// How many GPUs the machine's driver shows. NotFound, in one sentence: no driver, one that finds no GPU or is too old.
Result<int> cudaGpuCount(const CudaOnMachine& machine);
/// GPU number `index` of the driver. NotFound likewise, and where there is no such GPU, no NVRTC, or one that does not fit the
/// driver or the GPU.
Result<std::shared_ptr<Gpu>> openCudaGpu(const CudaOnMachine& machine, int index);

} // namespace winnow
