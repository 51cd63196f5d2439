// SPDX-License-Identifier: GPL-3.0-or-later
// Which GPUs work, by what was typed after --device.
#pragma once

#include "core/device/cuda_gpu.h"

#include <string_view>
#include <vector>

namespace winnow {

struct ChosenGpus {
    std::vector<std::shared_ptr<Gpu>> gpus; ///< none: the CPU works
    int first = 0;                          ///< number of the first of them
    std::string unused;                     ///< under `auto`: why a GPU is not used, on a machine that has some part of CUDA
};

/// `asked`: "cpu"; "auto": all GPUs that can be used, none where there are none; "cuda": the first one; "cuda:0,cuda:2": those.
/// Usage for other texts; where one that was asked for cannot be used, the error that says why.
Result<ChosenGpus> chooseGpus(std::string_view asked, const CudaOnMachine& machine);

} // namespace winnow
