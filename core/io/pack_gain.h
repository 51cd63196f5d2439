// SPDX-License-Identifier: GPL-3.0-or-later
// Whether deflating numbers is worth it. Floats of which every bit counts shrink by a quarter and then unpack at a tenth of the
// speed of reading them.
#pragma once

#include <cstddef>
#include <span>

namespace winnow {

/// Whether a sample of the bytes deflates to less than half. Pure, any thread. Cost: deflates at most 64 KiB.
bool isWorthPacking(std::span<const std::byte> bytes);

} // namespace winnow
