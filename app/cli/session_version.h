// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace winnow {

/// Version of the sessions that this Winnow writes. It reads this version and earlier ones.
inline constexpr int kSessionVersion = 1;

} // namespace winnow
