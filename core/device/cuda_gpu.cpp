// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda_gpu.h"

#include "core/device/nvrtc.h"

#include <array>
#include <utility>
#include <vector>

namespace winnow {

namespace {

constexpr int kOldestDriver = 12000; ///< 1000 · major + 10 · minor of the CUDA that it serves

class CudaGpu final : public Gpu {
public:
    CudaGpu(const CudaDriver& driver, Nvrtc compiler, const KernelCache& cache)
        : m_driver(driver), m_compiler(std::move(compiler)), m_cache(cache)
    {
    }
    ~CudaGpu() override
    {
        if (!m_context)
            return;
        m_driver.setContext(m_context);
        for (const auto& [name, program] : m_programs)
            m_driver.unloadModule(program.module);
        if (m_progress)
            m_driver.releaseHost(m_progress);
        m_driver.releaseContext(m_device);
    }
    Result<void> open(int index)
    {
        WINNOW_TRY_VOID(ask("cuDeviceGet", m_driver.deviceAt(&m_device, index)));
        std::array<char, 200> name{};
        WINNOW_TRY_VOID(ask("cuDeviceGetName", m_driver.deviceName(name.data(), static_cast<int>(name.size()), m_device)));
        m_name = fmt::format("{} (cuda:{})", name.data(), index);
        int major = 0, minor = 0;
        WINNOW_TRY_VOID(ask("cuDeviceGetAttribute", m_driver.deviceAttribute(&major, CudaDriver::kMajor, m_device)));
        WINNOW_TRY_VOID(ask("cuDeviceGetAttribute", m_driver.deviceAttribute(&minor, CudaDriver::kMinor, m_device)));
        m_architecture = 10 * major + minor;
        WINNOW_TRY_VOID(m_compiler.checkArchitecture(m_architecture));
        WINNOW_TRY_VOID(ask("cuDevicePrimaryCtxRetain", m_driver.retainContext(&m_context, m_device)));
        WINNOW_TRY_VOID(enter());
        void* progress = nullptr; // the GPU knows it by the same address
        WINNOW_TRY_VOID(ask("cuMemHostAlloc", m_driver.allocateHost(&progress, sizeof(int), CudaDriver::kPortableAndMapped)));
        m_progress = static_cast<int*>(progress);
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
        WINNOW_TRY_VOID(ask("cuMemAlloc", m_driver.allocate(&address, bytes)));
        return reinterpret_cast<std::byte*>(address);
    }
    void release(std::byte* memory) override
    {
        if (enter())
            m_driver.release(addressOf(memory));
    }
    Result<void> upload(std::byte* to, std::span<const std::byte> from) override
    {
        WINNOW_TRY_VOID(enter());
        return ask("cuMemcpyHtoD", m_driver.upload(addressOf(to), from.data(), from.size()));
    }
    Result<void> download(std::span<std::byte> to, const std::byte* from) override
    {
        WINNOW_TRY_VOID(enter());
        return ask("cuMemcpyDtoH", m_driver.download(to.data(), addressOf(from), to.size()));
    }
    Result<int> program(const KernelProgram& text) override
    {
        for (std::size_t i = 0; i < m_programs.size(); ++i)
            if (m_programs[i].first == text.name)
                return static_cast<int>(i);
        WINNOW_TRY(const CompiledKernel kernel, compileOnce(m_compiler, text, m_architecture, m_cache));
        WINNOW_TRY_VOID(enter());
        Program program;
        WINNOW_TRY_VOID(ask("cuModuleLoadData", m_driver.loadModule(&program.module, kernel.cubin.data())));
        m_programs.emplace_back(text.name, program);
        WINNOW_TRY_VOID(ask("cuModuleGetFunction",
                            m_driver.findFunction(&m_programs.back().second.function, program.module, text.function.c_str())));
        return static_cast<int>(m_programs.size()) - 1;
    }
    Result<void> launch(int program, int blocks, std::span<const std::byte> argument) override
    {
        WINNOW_TRY_VOID(enter());
        void* arguments[] = {const_cast<std::byte*>(argument.data())};
        return ask("cuLaunchKernel",
                   m_driver.launch(m_programs[static_cast<std::size_t>(program)].second.function, static_cast<unsigned>(blocks),
                                   1, 1, kWalkWorkers, 1, 1, 0, nullptr, arguments, nullptr));
    }
    int* progressWord() override { return m_progress; }
    Result<bool> busy() override
    {
        WINNOW_TRY_VOID(enter());
        const int answer = m_driver.query(nullptr);
        if (answer == CudaDriver::kNotReady)
            return true;
        WINNOW_TRY_VOID(ask("cuStreamQuery", answer));
        return false;
    }

private:
    struct Program {
        CudaDriver::Handle module = nullptr, function = nullptr;
    };

    static CudaDriver::Address addressOf(const std::byte* memory) { return reinterpret_cast<CudaDriver::Address>(memory); }

    /// The driver's calls are about the context of the calling thread.
    Result<void> enter() const { return ask("cuCtxSetCurrent", m_driver.setContext(m_context)); }
    Result<void> ask(const char* call, int error) const
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
    int* m_progress = nullptr;
    std::vector<std::pair<std::string, Program>> m_programs;
};

} // namespace

Result<std::shared_ptr<Gpu>> openCudaGpu(int index)
{
    WINNOW_TRY(const CudaDriver driver, CudaDriver::load());
    return openCudaGpu(driver, index, KernelCache::ofUser());
}

Result<std::shared_ptr<Gpu>> openCudaGpu(const CudaDriver& driver, int index, const KernelCache& cache)
{
    if (const int error = driver.init(0))
        return fail(ErrorCode::NotFound, "the NVIDIA driver finds no GPU: {}", driver.text(error));
    int version = 0, count = 0;
    driver.driverVersion(&version);
    if (version < kOldestDriver)
        return fail(ErrorCode::NotFound, "the NVIDIA driver serves CUDA {}.{}, and Winnow needs {}.{}; install a newer driver",
                    version / 1000, version % 1000 / 10, kOldestDriver / 1000, kOldestDriver % 1000 / 10);
    driver.deviceCount(&count);
    if (index < 0 || index >= count)
        return fail(ErrorCode::NotFound, "there is no device 'cuda:{}': the NVIDIA driver shows {} {}, counted from 0", index,
                    count, count == 1 ? "GPU" : "GPUs");
    WINNOW_TRY(Nvrtc compiler, Nvrtc::load());
    auto gpu = std::make_shared<CudaGpu>(driver, std::move(compiler), cache);
    WINNOW_TRY_VOID(gpu->open(index));
    return gpu;
}

} // namespace winnow
