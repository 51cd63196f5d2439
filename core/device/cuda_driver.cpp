// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda_driver.h"

#include "core/device/shared_library.h"

namespace winnow {

Result<CudaDriver> CudaDriver::load()
{
    const auto library = SharedLibrary::open("libcuda.so.1");
    if (!library)
        return fail(ErrorCode::NotFound, "there is no NVIDIA driver, which CUDA needs: {}", library.error().message);
    CudaDriver driver;
    WINNOW_TRY_VOID(library->find("cuInit", driver.init));
    WINNOW_TRY_VOID(library->find("cuDriverGetVersion", driver.driverVersion));
    WINNOW_TRY_VOID(library->find("cuGetErrorString", driver.errorString));
    WINNOW_TRY_VOID(library->find("cuDeviceGetCount", driver.deviceCount));
    WINNOW_TRY_VOID(library->find("cuDeviceGet", driver.deviceAt));
    WINNOW_TRY_VOID(library->find("cuDeviceGetName", driver.deviceName));
    WINNOW_TRY_VOID(library->find("cuDeviceGetAttribute", driver.deviceAttribute));
    WINNOW_TRY_VOID(library->find("cuDevicePrimaryCtxRetain", driver.retainContext));
    WINNOW_TRY_VOID(library->find("cuDevicePrimaryCtxRelease_v2", driver.releaseContext));
    WINNOW_TRY_VOID(library->find("cuCtxSetCurrent", driver.setContext));
    WINNOW_TRY_VOID(library->find("cuMemGetInfo_v2", driver.memoryInfo));
    WINNOW_TRY_VOID(library->find("cuMemAlloc_v2", driver.allocate));
    WINNOW_TRY_VOID(library->find("cuMemFree_v2", driver.release));
    WINNOW_TRY_VOID(library->find("cuMemcpyHtoDAsync_v2", driver.upload));
    WINNOW_TRY_VOID(library->find("cuMemcpyDtoH_v2", driver.download));
    WINNOW_TRY_VOID(library->find("cuMemHostAlloc", driver.allocateHost));
    WINNOW_TRY_VOID(library->find("cuMemFreeHost", driver.releaseHost));
    WINNOW_TRY_VOID(library->find("cuModuleLoadData", driver.loadModule));
    WINNOW_TRY_VOID(library->find("cuModuleUnload", driver.unloadModule));
    WINNOW_TRY_VOID(library->find("cuModuleGetFunction", driver.findFunction));
    WINNOW_TRY_VOID(library->find("cuLaunchKernel", driver.launch));
    WINNOW_TRY_VOID(library->find("cuStreamCreate", driver.createStream));
    WINNOW_TRY_VOID(library->find("cuStreamDestroy_v2", driver.destroyStream));
    WINNOW_TRY_VOID(library->find("cuStreamSynchronize", driver.synchronizeStream));
    WINNOW_TRY_VOID(library->find("cuStreamQuery", driver.query));
    WINNOW_TRY_VOID(library->find("cuEventCreate", driver.createEvent));
    WINNOW_TRY_VOID(library->find("cuEventDestroy_v2", driver.destroyEvent));
    WINNOW_TRY_VOID(library->find("cuEventRecord", driver.recordEvent));
    WINNOW_TRY_VOID(library->find("cuEventSynchronize", driver.synchronizeEvent));
    WINNOW_TRY_VOID(library->find("cuStreamWaitEvent", driver.waitForEvent));
    return driver;
}

std::string CudaDriver::text(int error) const
{
    const char* text = nullptr;
    return errorString(error, &text) == 0 && text ? text : fmt::format("error {}", error);
}

} // namespace winnow
