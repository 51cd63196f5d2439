// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of NVIDIA's driver (libcuda) that Winnow calls, found while the program runs. Arguments and numbers are those of
// the CUDA driver API; CudaDriver::load says which function of it each member is.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>

namespace winnow {

struct CudaDriver {
    using Address = unsigned long long; ///< CUdeviceptr
    using Handle = void*;               ///< CUcontext, CUmodule, CUfunction, CUstream, CUevent

    static constexpr int kOutOfMemory = 2, kNotReady = 600; ///< CUDA_ERROR_…
    static constexpr int kMajor = 75, kMinor = 76;          ///< CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_…
    static constexpr unsigned kPortableAndMapped = 3;       ///< CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP
    static constexpr unsigned kNonBlocking = 1;             ///< CU_STREAM_NON_BLOCKING: has no order with the default stream
    static constexpr unsigned kWithoutTimes = 2;            ///< CU_EVENT_DISABLE_TIMING

    // Each returns 0, or what went wrong.
    int (*init)(unsigned flags) = nullptr;
    int (*driverVersion)(int* version) = nullptr;
    int (*errorString)(int error, const char** text) = nullptr;
    int (*deviceCount)(int* count) = nullptr;
    int (*deviceAt)(int* device, int index) = nullptr;
    int (*deviceName)(char* name, int size, int device) = nullptr;
    int (*deviceAttribute)(int* value, int attribute, int device) = nullptr;
    int (*retainContext)(Handle* context, int device) = nullptr; ///< the device's primary context, which LibTorch uses too
    int (*releaseContext)(int device) = nullptr;
    int (*setContext)(Handle context) = nullptr; ///< of the calling thread
    int (*memoryInfo)(std::size_t* free, std::size_t* all) = nullptr;
    int (*allocate)(Address* to, std::size_t bytes) = nullptr;
    int (*release)(Address memory) = nullptr;
    int (*upload)(Address to, const void* from, std::size_t bytes, Handle stream) = nullptr; ///< does not wait
    int (*download)(void* to, Address from, std::size_t bytes) = nullptr;
    int (*allocateHost)(void** to, std::size_t bytes, unsigned flags) = nullptr;
    int (*releaseHost)(void* memory) = nullptr;
    int (*loadModule)(Handle* to, const void* cubin) = nullptr;
    int (*unloadModule)(Handle module) = nullptr;
    int (*findFunction)(Handle* to, Handle module, const char* name) = nullptr;
    int (*launch)(Handle function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                  unsigned blockZ, unsigned sharedBytes, Handle stream, void** arguments, void** extra) = nullptr;
    int (*createStream)(Handle* to, unsigned flags) = nullptr;
    int (*destroyStream)(Handle stream) = nullptr;
    int (*synchronizeStream)(Handle stream) = nullptr; ///< waits for all that was asked of it
    int (*query)(Handle stream) = nullptr;             ///< kNotReady while something is still to be done
    int (*createEvent)(Handle* to, unsigned flags) = nullptr;
    int (*destroyEvent)(Handle event) = nullptr;
    int (*recordEvent)(Handle event, Handle stream) = nullptr;
    int (*synchronizeEvent)(Handle event) = nullptr;                            ///< does not wait where nothing was recorded yet
    int (*waitForEvent)(Handle stream, Handle event, unsigned flags) = nullptr; ///< the stream waits, not the host

    /// NotFound where there is no driver.
    static Result<CudaDriver> load();
    /// The driver's words for what one of its functions returned.
    std::string text(int error) const;
};

} // namespace winnow
