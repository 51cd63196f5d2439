// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace winnow {

/// Of sessions as this Winnow writes them; it reads those of this and of earlier versions.
inline constexpr int kSessionVersion = 1;

} // namespace winnow
