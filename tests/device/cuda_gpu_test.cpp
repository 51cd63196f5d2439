// SPDX-License-Identifier: GPL-3.0-or-later
// What is said where a GPU cannot be used. The driver is made up; no test here needs a GPU.
#include "core/device/cuda_gpu.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

/// A driver that serves CUDA 12.4 and shows one GPU.
CudaDriver goodDriver()
{
    CudaDriver driver;
    driver.init = [](unsigned) { return 0; };
    driver.errorString = [](int, const char** text) {
        *text = "made up";
        return 0;
    };
    driver.driverVersion = [](int* version) {
        *version = 12040;
        return 0;
    };
    driver.deviceCount = [](int* count) {
        *count = 1;
        return 0;
    };
    return driver;
}

std::string refusal(const CudaDriver& driver, int index)
{
    const auto gpu = openCudaGpu(driver, index, KernelCache(""));
    EXPECT_FALSE(gpu);
    return gpu ? "" : gpu.error().message;
}

TEST(CudaGpu, isMissedWhereTheDriverFindsNone)
{
    CudaDriver driver = goodDriver();
    driver.init = [](unsigned) { return 100; };
    EXPECT_EQ(refusal(driver, 0), "the NVIDIA driver finds no GPU: made up");
}

TEST(CudaGpu, wantsADriverThatIsNewEnough)
{
    CudaDriver driver = goodDriver();
    driver.driverVersion = [](int* version) {
        *version = 11040;
        return 0;
    };
    EXPECT_EQ(refusal(driver, 0), "the NVIDIA driver serves CUDA 11.4, and Winnow needs 12.0; install a newer driver");
}

TEST(CudaGpu, isCountedFromZero)
{
    EXPECT_EQ(refusal(goodDriver(), 1), "there is no device 'cuda:1': the NVIDIA driver shows 1 GPU, counted from 0");
    EXPECT_EQ(refusal(goodDriver(), -1), "there is no device 'cuda:-1': the NVIDIA driver shows 1 GPU, counted from 0");
}

TEST(CudaGpu, ofThisMachineIsThereOrMissedInASentence)
{
    const auto gpu = openCudaGpu(0);
    if (!gpu) {
        EXPECT_FALSE(gpu.error().message.empty());
        EXPECT_EQ(gpu.error().code, ErrorCode::NotFound);
    }
}

} // namespace
} // namespace winnow
