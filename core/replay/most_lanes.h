// SPDX-License-Identifier: GPL-3.0-or-later
// How many lanes a replay may have.
#pragma once

namespace winnow {

/// Those of all replayed layers together are fewer: pictures count them in 16 bits. (Llama 3.1 405B has 16,128 query heads.)
inline constexpr int kMostLanes = 32000;

} // namespace winnow
