// SPDX-License-Identifier: GPL-3.0-or-later
// Where a model runs and in which type: the words of the command line in ATen's, with a sentence when a device is not there.
#pragma once

#include "core/base/dtype.h"
#include "core/base/result.h"
#include "core/model/run/transformer.h"

#include <ATen/ATen.h>

#include <string_view>

namespace winnow {

/// How to load a model onto `devices`: "auto" (CUDA where there is one, with its further devices to spare, else the CPU), "cpu",
/// "cuda" (the first), "cuda:1"; several with commas between. Usage error for other words, NotFound when a device is not there.
Result<LoadOptions> loadOptions(Dtype dtype, std::string_view devices);

/// NotFound when `device` cannot be used by this build on this machine.
Result<void> checkDevice(at::Device device);

/// An exception that Torch or the standard library threw, as an error: OutOfMemory when memory ran out, else Io. Call it from a
/// catch block, at the door of a room.
Error currentTorchError(std::string_view doing);

} // namespace winnow
