// SPDX-License-Identifier: GPL-3.0-or-later
// NVIDIA's run-time compiler, loaded while the program runs: no CUDA header, no toolkit and no driver is needed to build Winnow
// or to compile with it.
#pragma once

#include "core/device/kernel_text.h"

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace winnow {

/// "12.4" for 12040, as CUDA numbers its versions.
std::string cudaVersionText(int version);

/// Machine code for one architecture.
struct CompiledKernel {
    std::vector<std::byte> cubin;
    std::string log; ///< of the compiler and the assembler: registers and spills of each function; "" when it came from the cache
};

/// The functions of NVRTC that Winnow calls, as its manual names them. Each returns 0, or what went wrong.
struct NvrtcCalls {
    using Program = void*; ///< nvrtcProgram

    int (*version)(int* major, int* minor) = nullptr;
    const char* (*errorText)(int error) = nullptr;
    int (*architectureCount)(int* count) = nullptr;
    int (*architectures)(int* list) = nullptr;
    int (*create)(Program* program, const char* source, const char* name, int headers, const char* const* texts,
                  const char* const* names) = nullptr;
    int (*destroy)(Program* program) = nullptr;
    int (*compile)(Program program, int options, const char* const* list) = nullptr;
    int (*logSize)(Program program, std::size_t* size) = nullptr;
    int (*log)(Program program, char* to) = nullptr;
    int (*cubinSize)(Program program, std::size_t* size) = nullptr;
    int (*cubin)(Program program, char* to) = nullptr;
};

/// One NVRTC. Any thread.
class Nvrtc {
public:
    explicit Nvrtc(const NvrtcCalls& calls) : m_calls(calls) {}
    /// `folder`: where libnvrtc lies; empty: the folders of this program's LibTorch, then wherever the system looks. NotFound
    /// with the places that were tried.
    static Result<Nvrtc> load(const std::filesystem::path& folder = {});

    /// The version of CUDA that it belongs to: 12040 for 12.4.
    int version() const;
    /// `architecture`: 90 for compute capability 9.0. NotFound where this NVRTC does not know it, with those that it knows.
    Result<void> checkArchitecture(int architecture) const;
    /// Machine code for `architecture`; errors as checkArchitecture, and Io with NVRTC's words. Takes seconds.
    Result<CompiledKernel> compile(const KernelProgram& program, int architecture) const;
    /// The compiler's version and its options, as one line. Machine code depends on this line, the source and the headers alone.
    std::string options(const KernelProgram& program, int architecture) const;
    /// The architectures that it compiles for, ascending.
    std::vector<int> architectures() const;

private:
    NvrtcCalls m_calls;
};

} // namespace winnow
