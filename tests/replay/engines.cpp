// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/engines.h"

#include "tests/support/stand_in_gpu.h"

namespace winnow::testing_support {

ReplayOptions on(Engine engine, ReplayOptions options)
{
    options.device = engine == Engine::Cpu ? "cpu" : "cuda";
    static StandInGpu gpu;
    if (engine == Engine::Gpu)
        options.gpu = gpu.open();
    return options;
}

} // namespace winnow::testing_support
