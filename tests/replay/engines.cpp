// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/engines.h"

#include "tests/support/stand_in_gpu.h"

namespace winnow::testing_support {

ReplayOptions on(Engine engine, ReplayOptions options)
{
    options.device = engine == Engine::Cpu ? "cpu" : "cuda";
    if (engine == Engine::Gpu) {
        const auto gpu = std::make_shared<StandInGpu>(); // there as long as the options are
        struct WithGpu {
            std::shared_ptr<StandInGpu> gpu;
            std::shared_ptr<const CudaOnMachine> machine;
        };
        const auto both = std::make_shared<WithGpu>(WithGpu{gpu, StandInGpu::machine()});
        options.cuda = {both, both->machine.get()};
    }
    return options;
}

} // namespace winnow::testing_support
