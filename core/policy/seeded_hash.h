// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers that are the same on every machine and device: hashes of what they are for.
#pragma once

#include "core/policy/recipe.h"

#include <cstdint>

namespace winnow {

/// Mixes one more number into a hash; the finalizer of SplitMix64 (Steele, Lea, Flood 2014, doi 10.1145/2714064.2660195).
inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t number)
{
    std::uint64_t z = hash + 0x9e3779b97f4a7c15ULL * (number + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

inline std::uint64_t laneSeed(std::uint64_t seed, const LaneInModel& lane)
{
    return mixed(mixed(mixed(0, seed), static_cast<std::uint64_t>(lane.lane.layer)), static_cast<std::uint64_t>(lane.lane.head));
}

} // namespace winnow
