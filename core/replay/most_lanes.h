// SPDX-License-Identifier: GPL-3.0-or-later
// How many lanes a replay may have.
#pragma once

namespace winnow {

/// Upper limit for the lanes of all replayed layers together, because pictures count lanes in 16 bits. (Llama 3.1 405B has 16,128
/// query heads.)
inline constexpr int kMostLanes = 32000;

} // namespace winnow
