// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers that are the same on every machine and device. Each is a hash of its purpose, such as (seed, lane, step).
#pragma once

#include "core/policy/kernels/hash.h"
#include "core/policy/recipe.h"

#include <cstdint>

namespace winnow {

/// Mixes one more number into a hash (core/policy/kernels/hash.h).
inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t number) { return kernel::mixed(hash, number); }

inline std::uint64_t laneSeed(std::uint64_t seed, const LaneInModel& lane)
{
    return mixed(mixed(mixed(0, seed), static_cast<std::uint64_t>(lane.lane.layer)), static_cast<std::uint64_t>(lane.lane.head));
}

} // namespace winnow
