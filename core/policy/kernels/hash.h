// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: random numbers that are the same on every machine and device. Each is a hash of its purpose, such as (seed, step,
// round).
#pragma once

#include "core/kernels/prelude.h"

namespace winnow::kernel {

/// Mixes one more number into a hash; the finalizer of SplitMix64 (Steele, Lea, Flood 2014, doi 10.1145/2714064.2660195).
inline Word mixed(Word hash, Word number)
{
    Word z = hash + 0x9e3779b97f4a7c15ULL * (number + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// A number of (0, 1), uniformly distributed over all hashes.
inline double uniform(Word hash) { return (static_cast<double>(hash >> 11) + .5) * 0x1p-53; }

} // namespace winnow::kernel
