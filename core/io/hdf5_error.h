// SPDX-License-Identifier: GPL-3.0-or-later
// What HDF5's error stack says, as one sentence.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace winnow {

/// The descriptions on the stack of the call that just failed, innermost last. Call before any other HDF5 function.
std::string hdf5Reasons();

/// "reading 't.h5: /layers/00000/q': <innermost reason>"; code NoSpace where the disk was full. `doing` is a gerund.
Error hdf5Error(std::string_view doing, std::string_view where);

} // namespace winnow
