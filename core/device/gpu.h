// SPDX-License-Identifier: GPL-3.0-or-later
// The launch layer: what a replay asks of a GPU.
#pragma once

#include "core/base/result.h"
#include "core/device/kernel_text.h"
#include "core/device/kernels/walk_layout.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace winnow {

/// A GPU works through two queues, each in the order of the calls: one of uploads, and one of launches. Between the two there is
/// no order but the one that `awaitUploads` makes. One thread at a time. A GPU that is lost fails every later call with Io and a
/// sentence.
class Gpu {
public:
    virtual ~Gpu() = default;

    virtual std::string name() const = 0;        ///< "NVIDIA H200 (cuda:0)"
    virtual std::uint64_t freeBytes() const = 0; ///< of its memory; 0 where it does not answer

    /// Memory on the GPU; the address means nothing to the host. OutOfMemory where there is none left.
    virtual Result<std::byte*> allocate(std::size_t bytes) = 0;
    /// Waits for both queues, which may still use the memory.
    virtual void release(std::byte* address) = 0;

    /// Asks for a copy to the GPU. Does not wait for it, yet the host's bytes may change when the call returns.
    virtual Result<void> upload(std::byte* to, std::span<const std::byte> from) = 0;
    /// Launches asked for from now on begin when the uploads asked for so far are done. Does not wait.
    virtual Result<void> awaitUploads() = 0;

    /// Compiles and loads a program, once. Returns its number, which `launch` takes. Seconds, where it is not in the cache.
    virtual Result<int> program(const KernelProgram& program) = 0;
    /// Asks for `blocks` blocks of kWalkWorkers workers; `argument`: the struct that the kernel takes. Does not wait.
    virtual Result<void> launch(int program, int blocks, std::span<const std::byte> argument) = 0;
    /// What host and kernels tell each other while kernels run. In pinned memory of the host, which kernels reach by the same
    /// address.
    virtual kernel::Signals* signals() = 0;
    /// Whether a launch is not finished yet. Does not wait.
    virtual Result<bool> busy() = 0;
    /// Waits for all launches, then copies to the host what they have written.
    virtual Result<void> download(std::span<std::byte> to, const std::byte* from) = 0;
};

/// A piece of a GPU's memory; it is released with this object. The GPU must live longer.
class GpuMemory {
public:
    GpuMemory() = default;
    static Result<GpuMemory> make(Gpu& gpu, std::size_t bytes)
    {
        WINNOW_TRY(std::byte * address, gpu.allocate(bytes > 0 ? bytes : 1));
        return GpuMemory(gpu, address);
    }
    /// Memory that holds `values` once they are uploaded (Gpu::awaitUploads).
    template <class T>
    static Result<GpuMemory> of(Gpu& gpu, std::span<const T> values)
    {
        WINNOW_TRY(GpuMemory memory, make(gpu, values.size_bytes()));
        if (!values.empty())
            WINNOW_TRY_VOID(gpu.upload(memory.address(), std::as_bytes(values)));
        return memory;
    }
    GpuMemory(GpuMemory&& other) noexcept : m_gpu(other.m_gpu), m_address(std::exchange(other.m_address, nullptr)) {}
    GpuMemory& operator=(GpuMemory&& other) noexcept
    {
        std::swap(m_gpu, other.m_gpu);
        std::swap(m_address, other.m_address);
        return *this;
    }
    ~GpuMemory()
    {
        if (m_address)
            m_gpu->release(m_address);
    }

    std::byte* address() const { return m_address; }
    /// For kernels; the host must not read or write through it.
    template <class T>
    T* as() const
    {
        return reinterpret_cast<T*>(m_address);
    }

private:
    GpuMemory(Gpu& gpu, std::byte* address) : m_gpu(&gpu), m_address(address) {}
    Gpu* m_gpu = nullptr;
    std::byte* m_address = nullptr;
};

} // namespace winnow
