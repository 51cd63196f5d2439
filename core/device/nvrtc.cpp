// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/nvrtc.h"

#include "core/device/shared_library.h"

#include <algorithm>
#include <memory>

namespace winnow {

namespace {

Result<Nvrtc> nvrtcOf(const SharedLibrary& library)
{
    NvrtcCalls calls;
    WINNOW_TRY_VOID(library.find("nvrtcVersion", calls.version));
    WINNOW_TRY_VOID(library.find("nvrtcGetErrorString", calls.errorText));
    WINNOW_TRY_VOID(library.find("nvrtcGetNumSupportedArchs", calls.architectureCount));
    WINNOW_TRY_VOID(library.find("nvrtcGetSupportedArchs", calls.architectures));
    WINNOW_TRY_VOID(library.find("nvrtcCreateProgram", calls.create));
    WINNOW_TRY_VOID(library.find("nvrtcDestroyProgram", calls.destroy));
    WINNOW_TRY_VOID(library.find("nvrtcCompileProgram", calls.compile));
    WINNOW_TRY_VOID(library.find("nvrtcGetProgramLogSize", calls.logSize));
    WINNOW_TRY_VOID(library.find("nvrtcGetProgramLog", calls.log));
    WINNOW_TRY_VOID(library.find("nvrtcGetCUBINSize", calls.cubinSize));
    WINNOW_TRY_VOID(library.find("nvrtcGetCUBIN", calls.cubin));
    return Nvrtc(calls);
}

/// A library in `folder` whose file name begins with `name`, the newest by name; "" where there is none.
std::string newestIn(const std::filesystem::path& folder, const std::string& name)
{
    std::string newest;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
        if (const std::string path = entry.path().string(); entry.path().filename().string().starts_with(name))
            newest = std::max(newest, path);
    return newest;
}

std::vector<std::string> optionList(const KernelProgram& program, int architecture)
{
    // Kernel text is plain C++, so functions without __device__ must become the device's. -v writes registers and spills to the
    // log.
    return {fmt::format("--gpu-architecture=sm_{}", architecture), "--std=c++20", "--device-as-default-execution-space",
            program.fuses ? "--fmad=true" : "--fmad=false", "--ptxas-options=-v"};
}

} // namespace

std::string cudaVersionText(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

Result<Nvrtc> Nvrtc::load(const std::filesystem::path& folder)
{
    const auto folders = folder.empty() ? foldersBesideTorch() : std::vector{folder};
    std::vector<std::string> tried;
    for (const std::filesystem::path& one : folders) {
        tried.push_back(one.string());
        const std::string path = newestIn(one, "libnvrtc.so");
        if (path.empty())
            continue;
        // NVRTC looks for this library by its name alone, so it must be loaded already.
        if (const std::string builtins = newestIn(one, "libnvrtc-builtins.so"); !builtins.empty())
            WINNOW_TRY_VOID(SharedLibrary::open(builtins));
        WINNOW_TRY(const SharedLibrary library, SharedLibrary::open(path));
        return nvrtcOf(library);
    }
    if (folder.empty()) {
        tried.emplace_back("where the system looks for libraries");
        for (const char* name : {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"})
            if (const auto library = SharedLibrary::open(name))
                return nvrtcOf(*library);
    }
    return fail(ErrorCode::NotFound,
                "NVIDIA's run-time compiler, libnvrtc, is not there (tried: {}); it comes with every CUDA build of PyTorch",
                fmt::join(tried, ", "));
}

int Nvrtc::version() const
{
    int major = 0, minor = 0;
    m_calls.version(&major, &minor);
    return 1000 * major + 10 * minor;
}

std::string Nvrtc::options(const KernelProgram& program, int architecture) const
{
    return fmt::format("NVRTC {} {}", cudaVersionText(version()), fmt::join(optionList(program, architecture), " "));
}

std::vector<int> Nvrtc::architectures() const
{
    int count = 0;
    if (m_calls.architectureCount(&count) != 0 || count <= 0)
        return {};
    std::vector<int> list(static_cast<std::size_t>(count));
    m_calls.architectures(list.data());
    return list;
}

Result<void> Nvrtc::checkArchitecture(int architecture) const
{
    const std::vector<int> known = architectures();
    if (!std::binary_search(known.begin(), known.end(), architecture))
        return fail(
            ErrorCode::NotFound,
            "this GPU has compute capability {}.{}, and NVRTC {} compiles for {} to {}; install a PyTorch with a newer CUDA",
            architecture / 10, architecture % 10, cudaVersionText(version()), known.empty() ? 0 : known.front(),
            known.empty() ? 0 : known.back());
    return {};
}

Result<CompiledKernel> Nvrtc::compile(const KernelProgram& program, int architecture) const
{
    WINNOW_TRY_VOID(checkArchitecture(architecture));
    std::vector<const char*> texts, names, options;
    for (const KernelHeader& header : kernelHeaders()) {
        texts.push_back(header.text);
        names.push_back(header.name);
    }
    const std::vector<std::string> list = optionList(program, architecture);
    for (const std::string& option : list)
        options.push_back(option.c_str());
    const NvrtcCalls& calls = m_calls;
    NvrtcCalls::Program made = nullptr;
    if (const int error =
            calls.create(&made, program.source.c_str(), "winnow.cu", static_cast<int>(texts.size()), texts.data(), names.data()))
        return fail(ErrorCode::Io, "NVRTC {} takes no program: {}", cudaVersionText(version()), calls.errorText(error));
    const auto destroy = [&](void* one) { calls.destroy(&one); };
    const std::unique_ptr<void, decltype(destroy)> owner(made, destroy);
    CompiledKernel kernel;
    const int error = calls.compile(made, static_cast<int>(options.size()), options.data());
    std::size_t size = 0;
    if (calls.logSize(made, &size) == 0 && size > 1) {
        kernel.log.resize(size);
        calls.log(made, kernel.log.data());
        kernel.log.resize(size - 1); // without the final zero
    }
    if (error != 0)
        return fail(ErrorCode::Io, "NVRTC {} does not compile the kernel text for sm_{} ({}): {}", cudaVersionText(version()),
                    architecture, calls.errorText(error), kernel.log);
    calls.cubinSize(made, &size);
    kernel.cubin.resize(size);
    calls.cubin(made, reinterpret_cast<char*>(kernel.cubin.data()));
    return kernel;
}

} // namespace winnow
