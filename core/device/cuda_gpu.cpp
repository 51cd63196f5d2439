// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda_gpu.h"

#include "core/device/nvrtc.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace winnow {

namespace {

constexpr int kOldestCuda = 12000;              ///< CUDA 12.0: driver and NVRTC must be of this version or a newer one
constexpr std::size_t kStagingBytes = 16 << 20; ///< of each staging buffer

class CudaGpu final : public Gpu {
public:
    CudaGpu(const CudaDriver& driver, const Nvrtc& compiler, const KernelCache& cache)
        : m_driver(driver), m_compiler(compiler), m_cache(cache)
    {
    }
    ~CudaGpu() override
    {
        if (!m_context)
            return;
        m_driver.setContext(m_context);
        for (const CudaDriver::Handle stream : {m_uploads, m_launches})
            if (stream) {
                m_driver.synchronizeStream(stream);
                m_driver.destroyStream(stream);
            }
        for (const CudaDriver::Handle event : {m_uploaded, m_staging[0].copied, m_staging[1].copied})
            if (event)
                m_driver.destroyEvent(event);
        for (void* memory : {static_cast<void*>(m_signals), m_staging[0].memory, m_staging[1].memory})
            if (memory)
                m_driver.releaseHost(memory);
        for (const auto& [name, program] : m_programs)
            m_driver.unloadModule(program.module);
        m_driver.releaseContext(m_device);
    }
    Result<void> open(int index)
    {
        WINNOW_TRY_VOID(checked("cuDeviceGet", m_driver.deviceAt(&m_device, index)));
        std::array<char, 200> name{};
        WINNOW_TRY_VOID(checked("cuDeviceGetName", m_driver.deviceName(name.data(), static_cast<int>(name.size()), m_device)));
        m_name = fmt::format("{} (cuda:{})", name.data(), index);
        int major = 0, minor = 0;
        WINNOW_TRY_VOID(checked("cuDeviceGetAttribute", m_driver.deviceAttribute(&major, CudaDriver::kMajor, m_device)));
        WINNOW_TRY_VOID(checked("cuDeviceGetAttribute", m_driver.deviceAttribute(&minor, CudaDriver::kMinor, m_device)));
        m_architecture = 10 * major + minor;
        WINNOW_TRY_VOID(m_compiler.checkArchitecture(m_architecture));
        WINNOW_TRY_VOID(checked("cuDevicePrimaryCtxRetain", m_driver.retainContext(&m_context, m_device)));
        WINNOW_TRY_VOID(enter());
        WINNOW_TRY_VOID(checked("cuStreamCreate", m_driver.createStream(&m_uploads, CudaDriver::kNonBlocking)));
        WINNOW_TRY_VOID(checked("cuStreamCreate", m_driver.createStream(&m_launches, CudaDriver::kNonBlocking)));
        WINNOW_TRY_VOID(checked("cuEventCreate", m_driver.createEvent(&m_uploaded, CudaDriver::kWithoutTimes)));
        for (Staging& staging : m_staging) {
            WINNOW_TRY(staging.memory, pinned(kStagingBytes));
            WINNOW_TRY_VOID(checked("cuEventCreate", m_driver.createEvent(&staging.copied, CudaDriver::kWithoutTimes)));
        }
        WINNOW_TRY(void* signals, pinned(sizeof(kernel::Signals)));
        m_signals = new (signals) kernel::Signals;
        return {};
    }

    std::string name() const override { return m_name; }
    std::uint64_t freeBytes() const override
    {
        std::size_t free = 0, all = 0;
        return enter() && m_driver.memoryInfo(&free, &all) == 0 ? free : 0;
    }
    Result<std::byte*> allocate(std::size_t bytes) override
    {
        CudaDriver::Address address = 0;
        WINNOW_TRY_VOID(enter());
        WINNOW_TRY_VOID(checked("cuMemAlloc", m_driver.allocate(&address, bytes)));
        return reinterpret_cast<std::byte*>(address);
    }
    void release(std::byte* memory) override
    {
        if (!enter())
            return;
        m_driver.synchronizeStream(m_uploads);
        m_driver.synchronizeStream(m_launches);
        m_driver.release(addressOf(memory));
    }
    /// The driver copies beside a running kernel from pinned memory only. So the bytes go through two staging buffers in turn:
    /// one is filled while the other is copied.
    Result<void> upload(std::byte* to, std::span<const std::byte> from) override
    {
        WINNOW_TRY_VOID(enter());
        while (!from.empty()) {
            const std::size_t bytes = std::min(from.size(), kStagingBytes);
            Staging& staging = m_staging[m_nextStaging];
            m_nextStaging = 1 - m_nextStaging;
            WINNOW_TRY_VOID(checked("cuEventSynchronize", m_driver.synchronizeEvent(staging.copied))); // its last copy is done
            std::memcpy(staging.memory, from.data(), bytes);
            WINNOW_TRY_VOID(checked("cuMemcpyHtoDAsync", m_driver.upload(addressOf(to), staging.memory, bytes, m_uploads)));
            WINNOW_TRY_VOID(checked("cuEventRecord", m_driver.recordEvent(staging.copied, m_uploads)));
            to += bytes;
            from = from.subspan(bytes);
        }
        return {};
    }
    Result<void> awaitUploads() override
    {
        WINNOW_TRY_VOID(enter());
        WINNOW_TRY_VOID(checked("cuEventRecord", m_driver.recordEvent(m_uploaded, m_uploads)));
        return checked("cuStreamWaitEvent", m_driver.waitForEvent(m_launches, m_uploaded, 0));
    }
    Result<int> program(const KernelProgram& text) override
    {
        for (std::size_t i = 0; i < m_programs.size(); ++i)
            if (m_programs[i].first == text.name)
                return static_cast<int>(i);
        WINNOW_TRY(const CompiledKernel kernel, compileOnce(m_compiler, text, m_architecture, m_cache));
        WINNOW_TRY_VOID(enter());
        Program program;
        WINNOW_TRY_VOID(checked("cuModuleLoadData", m_driver.loadModule(&program.module, kernel.cubin.data())));
        if (const int error = m_driver.findFunction(&program.function, program.module, text.function.c_str())) {
            m_driver.unloadModule(program.module);
            return fail(checked("cuModuleGetFunction", error).error());
        }
        m_programs.emplace_back(text.name, program);
        return static_cast<int>(m_programs.size()) - 1;
    }
    Result<void> launch(int program, int blocks, std::span<const std::byte> argument) override
    {
        WINNOW_TRY_VOID(enter());
        void* arguments[] = {const_cast<std::byte*>(argument.data())};
        return checked("cuLaunchKernel", m_driver.launch(m_programs[static_cast<std::size_t>(program)].second.function,
                                                         static_cast<unsigned>(blocks), 1, 1, kWalkWorkers, 1, 1, 0, m_launches,
                                                         arguments, nullptr));
    }
    kernel::Signals* signals() override { return m_signals; }
    Result<bool> busy() override
    {
        WINNOW_TRY_VOID(enter());
        const int answer = m_driver.query(m_launches);
        if (answer == CudaDriver::kNotReady)
            return true;
        WINNOW_TRY_VOID(checked("cuStreamQuery", answer));
        return false;
    }
    Result<void> download(std::span<std::byte> to, const std::byte* from) override
    {
        WINNOW_TRY_VOID(enter());
        WINNOW_TRY_VOID(checked("cuStreamSynchronize", m_driver.synchronizeStream(m_launches)));
        return checked("cuMemcpyDtoH", m_driver.download(to.data(), addressOf(from), to.size()));
    }

private:
    struct Program {
        CudaDriver::Handle module = nullptr, function = nullptr;
    };
    struct Staging {
        void* memory = nullptr;              ///< pinned
        CudaDriver::Handle copied = nullptr; ///< event, recorded behind the last copy from it
    };

    static CudaDriver::Address addressOf(const std::byte* memory) { return reinterpret_cast<CudaDriver::Address>(memory); }

    /// Memory of the host that the GPU reaches, by the same address.
    Result<void*> pinned(std::size_t bytes)
    {
        void* memory = nullptr;
        WINNOW_TRY_VOID(checked("cuMemHostAlloc", m_driver.allocateHost(&memory, bytes, CudaDriver::kPortableAndMapped)));
        return memory;
    }
    /// Comes before other calls: the driver's functions use the context of the calling thread.
    Result<void> enter() const { return checked("cuCtxSetCurrent", m_driver.setContext(m_context)); }
    /// What a function of the driver returned, as a result; `call`: its name.
    Result<void> checked(const char* call, int error) const
    {
        if (error == 0)
            return {};
        if (error == CudaDriver::kOutOfMemory)
            return fail(ErrorCode::OutOfMemory,
                        "the memory of {} ran out during the replay; choose fewer layers with --layers, or --device cpu", m_name);
        return fail(ErrorCode::Io, "{} failed ({}: {}); use --device cpu, or look at what nvidia-smi says of it", m_name, call,
                    m_driver.text(error));
    }

    CudaDriver m_driver;
    Nvrtc m_compiler;
    KernelCache m_cache;
    std::string m_name = "the GPU";
    int m_device = 0, m_architecture = 0;
    CudaDriver::Handle m_context = nullptr;
    CudaDriver::Handle m_uploads = nullptr, m_launches = nullptr; ///< streams: the two queues of the launch layer
    CudaDriver::Handle m_uploaded = nullptr;                      ///< event, recorded by awaitUploads
    std::array<Staging, 2> m_staging;
    std::size_t m_nextStaging = 0;
    kernel::Signals* m_signals = nullptr;
    std::vector<std::pair<std::string, Program>> m_programs; ///< by name
};

/// How many GPUs the driver shows. NotFound where it finds none or is too old.
Result<int> countGpus(const CudaDriver& driver)
{
    if (const int error = driver.init(0))
        return fail(ErrorCode::NotFound, "the NVIDIA driver finds no GPU: {}", driver.text(error));
    int version = 0, count = 0;
    driver.driverVersion(&version);
    if (version < kOldestCuda)
        return fail(ErrorCode::NotFound, "the NVIDIA driver serves CUDA {}, and Winnow needs {}; install a newer driver",
                    cudaVersionText(version), cudaVersionText(kOldestCuda));
    driver.deviceCount(&count);
    return count;
}

/// NotFound where NVRTC is too old, or the driver too old for its machine code: that wants a driver of the same major version.
Result<void> checkVersions(const CudaDriver& driver, const Nvrtc& compiler)
{
    const int compiled = compiler.version();
    if (compiled < kOldestCuda)
        return fail(ErrorCode::NotFound, "NVRTC is of CUDA {}, and Winnow needs {}; install a PyTorch with a newer CUDA",
                    cudaVersionText(compiled), cudaVersionText(kOldestCuda));
    int served = 0;
    driver.driverVersion(&served);
    if (served / 1000 < compiled / 1000)
        return fail(ErrorCode::NotFound,
                    "the NVIDIA driver serves CUDA {}, and NVRTC {} compiles for {} and newer; install a newer driver",
                    cudaVersionText(served), cudaVersionText(compiled), cudaVersionText(compiled / 1000 * 1000));
    return {};
}

} // namespace

CudaOnMachine CudaOnMachine::here() { return {CudaDriver::load(), Nvrtc::load(), KernelCache::ofUser()}; }

Result<int> cudaGpuCount(const CudaOnMachine& machine) { return machine.driver.and_then(countGpus); }

Result<std::shared_ptr<Gpu>> openCudaGpu(const CudaOnMachine& machine, int index)
{
    WINNOW_TRY(const int count, cudaGpuCount(machine));
    if (index < 0 || index >= count)
        return fail(ErrorCode::NotFound, "there is no device 'cuda:{}': the NVIDIA driver shows {} {}, counted from 0", index,
                    count, count == 1 ? "GPU" : "GPUs");
    if (!machine.compiler)
        return fail(machine.compiler.error());
    WINNOW_TRY_VOID(checkVersions(*machine.driver, *machine.compiler));
    auto gpu = std::make_shared<CudaGpu>(*machine.driver, *machine.compiler, machine.cache);
    WINNOW_TRY_VOID(gpu->open(index));
    return gpu;
}

} // namespace winnow
