// SPDX-License-Identifier: GPL-3.0-or-later
// Memory of winnow-h5check, laid out so that what libhdf5 reads beyond a block ends the process, and does so every time. libhdf5
// 1.10 takes an index from the file and reads behind the end of an array; whether that crashes is chance otherwise, and what the
// child survives may end Winnow later.
#pragma once

#include <cstddef>

namespace winnow {

/// Sets addresses aside for the blocks of malloc and its kin; from then on every block of kFenced bytes or more ends where
/// nothing can be read. Returns how many bytes of addresses that takes; 0 where they cannot be had, and malloc stays as it is.
/// Once, on the only thread.
std::size_t raiseFence();

inline constexpr std::size_t kFenced = 1024; ///< smaller blocks are as malloc has them

} // namespace winnow
