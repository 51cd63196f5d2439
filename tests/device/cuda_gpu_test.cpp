// SPDX-License-Identifier: GPL-3.0-or-later
// The launch layer on a made-up driver: what is done in which order, and what is said where a GPU cannot be used. No test here
// needs a GPU.
#include "tests/support/stand_in_gpu.h"

#include <gmock/gmock.h>

#include <array>

namespace winnow {
namespace {

using namespace testing_support;

std::string refusal(const CudaDriver& driver, int index, const Nvrtc& compiler = standInCompiler())
{
    const auto gpu = openCudaGpu({driver, compiler, KernelCache("")}, index);
    EXPECT_FALSE(gpu);
    if (gpu)
        return "";
    EXPECT_EQ(gpu.error().code, ErrorCode::NotFound);
    return gpu.error().message;
}

TEST(CudaGpu, isMissedWhereTheDriverFindsNone)
{
    CudaDriver driver = StandInGpu::driver();
    driver.init = [](unsigned) { return 100; };
    EXPECT_EQ(refusal(driver, 0), "the NVIDIA driver finds no GPU: the stand-in refused");
}

TEST(CudaGpu, wantsADriverThatIsNewEnough)
{
    CudaDriver driver = StandInGpu::driver();
    driver.driverVersion = [](int* version) {
        *version = 11040;
        return 0;
    };
    EXPECT_EQ(refusal(driver, 0), "the NVIDIA driver serves CUDA 11.4, and Winnow needs 12.0; install a newer driver");
}

TEST(CudaGpu, wantsACompilerThatIsNewEnoughAndADriverAsNewAsTheCompiler)
{
    const StandInGpu gpu;
    NvrtcCalls calls = standInCalls();
    calls.version = [](int* major, int* minor) { return *major = 11, *minor = 8, 0; };
    EXPECT_EQ(refusal(StandInGpu::driver(), 0, Nvrtc(calls)),
              "NVRTC is of CUDA 11.8, and Winnow needs 12.0; install a PyTorch with a newer CUDA");
    calls.version = [](int* major, int* minor) { return *major = 13, *minor = 2, 0; };
    EXPECT_EQ(refusal(StandInGpu::driver(), 0, Nvrtc(calls)),
              "the NVIDIA driver serves CUDA 12.4, and NVRTC 13.2 compiles for 13.0 and newer; install a newer driver");
    calls.version = [](int* major, int* minor) { return *major = 12, *minor = 9, 0; }; // a newer minor version is no matter
    EXPECT_TRUE(openCudaGpu({StandInGpu::driver(), Nvrtc(calls), KernelCache("")}, 0));
}

TEST(CudaGpu, isCountedFromZero)
{
    const StandInGpu only;
    EXPECT_EQ(refusal(StandInGpu::driver(), 1), "there is no device 'cuda:1': the NVIDIA driver shows 1 GPU, counted from 0");
    EXPECT_EQ(refusal(StandInGpu::driver(), -1), "there is no device 'cuda:-1': the NVIDIA driver shows 1 GPU, counted from 0");
}

TEST(CudaGpu, isRefusedWhereNvrtcDoesNotKnowIt)
{
    StandInGpu gpu;
    gpu.capability = 121;
    EXPECT_EQ(refusal(StandInGpu::driver(), 0),
              "this GPU has compute capability 12.1, and NVRTC 12.4 compiles for 80 to 90; install a PyTorch with a newer CUDA");
}

TEST(CudaGpu, saysWhichCallWentWrongOnceItIsLost)
{
    StandInGpu device;
    const auto gpu = device.open();
    GpuMemory memory = GpuMemory::make(*gpu, 8).value();
    device.lostAfterDownloads = 0;
    std::array<std::byte, 8> bytes{};
    const auto first = gpu->download(bytes, memory.address());
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, ErrorCode::Io);
    EXPECT_EQ(first.error().message,
              "stand-in (cuda:0) failed (cuMemcpyDtoH: the stand-in was lost); use --device cpu, or look at "
              "what nvidia-smi says of it");
    EXPECT_FALSE(gpu->upload(memory.address(), bytes)); // and so does every later call
    EXPECT_FALSE(gpu->awaitUploads());
    EXPECT_FALSE(gpu->busy());
    EXPECT_FALSE(gpu->allocate(8));
}

TEST(CudaGpu, keepsNoProgramWhoseKernelWasNotFound)
{
    const StandInGpu device;
    static int refusals = 1, unloaded = 0;
    CudaDriver driver = StandInGpu::driver();
    driver.findFunction = [](void** to, void* module, const char*) { return *to = module, refusals-- > 0 ? 500 : 0; };
    driver.unloadModule = [](void*) { return ++unloaded, 0; };
    const auto gpu = openCudaGpu({driver, standInCompiler(), KernelCache("")}, 0).value();
    EXPECT_THAT(gpu->program(oracleProgram()).error().message, testing::HasSubstr("cuModuleGetFunction"));
    EXPECT_EQ(unloaded, 1);
    EXPECT_EQ(gpu->program(oracleProgram()).value(), 0); // looked for anew
    EXPECT_EQ(refusals, -1);
}

/// What lies on a GPU after `bytes` went up and a launch, which changes nothing, came after them.
std::vector<std::byte> broughtUpAndDown(StandInGpu& device, const std::vector<std::vector<std::byte>>& pieces)
{
    const auto gpu = device.open();
    std::vector<GpuMemory> memories;
    std::vector<std::byte> reused; // the host's bytes may change at once
    for (const auto& piece : pieces) {
        reused = piece;
        memories.push_back(GpuMemory::of<std::byte>(*gpu, reused).value());
        std::ranges::fill(reused, std::byte{0xee});
    }
    const int program = gpu->program(oracleProgram()).value();
    const kernel::Oracle nothing{.shape = {}, .lanes = 1, .stripes = 1};
    EXPECT_TRUE(gpu->awaitUploads());
    EXPECT_TRUE(gpu->launch(program, 0, std::as_bytes(std::span(&nothing, 1))));
    std::vector<std::byte> all;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        std::vector<std::byte> down(pieces[i].size());
        EXPECT_TRUE(gpu->download(down, memories[i].address()));
        all.insert(all.end(), down.begin(), down.end());
    }
    return all;
}

TEST(CudaGpu, hasWhatWasUploadedHoweverLateItsStreamsAre)
{
    std::vector<std::vector<std::byte>> pieces{std::vector<std::byte>(std::size_t{40} << 20)}; // longer than the staging buffers
    std::vector<std::byte> all;
    for (std::size_t i = 0; i < 7; ++i)
        pieces.emplace_back(100 + i);
    unsigned number = 1;
    for (auto& piece : pieces) {
        for (std::byte& byte : piece)
            byte = static_cast<std::byte>((number = number * 1664525 + 1013904223) >> 24);
        all.insert(all.end(), piece.begin(), piece.end());
    }
    for (const Pace uploads : {Pace::AtOnce, Pace::Late})
        for (const Pace launched : {Pace::AtOnce, Pace::Late}) {
            StandInGpu device;
            device.uploads = uploads;
            device.launched = launched;
            EXPECT_TRUE(broughtUpAndDown(device, pieces) == all);
            EXPECT_EQ(device.copies, 3 + 7);
            EXPECT_EQ(device.used(), 0U);
        }
}

TEST(CudaGpu, ofThisMachineIsThereOrMissedInASentence)
{
    const auto gpu = openCudaGpu(CudaOnMachine::here(), 0);
    if (gpu)
        GTEST_SKIP() << "there is a GPU";
    EXPECT_EQ(gpu.error().code, ErrorCode::NotFound);
    if (!CudaDriver::load()) {
        EXPECT_THAT(gpu.error().message, testing::StartsWith("there is no NVIDIA driver, which CUDA needs: the library cannot be "
                                                             "loaded (libcuda.so.1: "));
    }
}

} // namespace
} // namespace winnow
