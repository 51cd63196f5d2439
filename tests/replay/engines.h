// SPDX-License-Identifier: GPL-3.0-or-later
// The two engines of a replay, for tests that look at both: the CPU's, and that of a GPU with a host in the GPU's place.
#pragma once

#include "core/replay/replay.h"

namespace winnow::testing_support {

enum class Engine { Cpu, Gpu };
inline constexpr Engine kEngines[] = {Engine::Cpu, Engine::Gpu};

/// `options`, to run on `engine`. Recipes with host parts run on the CPU under both.
ReplayOptions on(Engine engine, ReplayOptions options);

/// For the name of a test.
inline const char* nameOf(Engine engine) { return engine == Engine::Cpu ? "cpu" : "gpu"; }

} // namespace winnow::testing_support
