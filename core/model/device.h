// Where a model runs: the words of the command line made a device, with a sentence when it is not there.
#pragma once

#include "core/base/result.h"

#include <ATen/ATen.h>

#include <string_view>

namespace winnow {

/// "auto" (CUDA where there is one, else the CPU), "cpu", "cuda" (the first), "cuda:1". Usage error for other words, NotFound
/// when the device is not there.
Result<at::Device> parseDevice(std::string_view name);

/// NotFound when `device` cannot be used by this build on this machine.
Result<void> checkDevice(at::Device device);

/// An exception that Torch or the standard library threw, as an error: OutOfMemory when memory ran out, else Io. Call it from a
/// catch block, at the door of a room.
Error currentTorchError(std::string_view doing);

} // namespace winnow
