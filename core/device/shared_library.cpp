// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/shared_library.h"

#include <dlfcn.h>
#include <link.h>

namespace winnow {

Result<SharedLibrary> SharedLibrary::open(const std::string& name)
{
    if (void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL))
        return SharedLibrary(handle, name);
    const char* why = dlerror();
    return fail(ErrorCode::NotFound, "the library cannot be loaded ({})", why ? why : name);
}

Result<void*> SharedLibrary::symbol(const char* name) const
{
    if (void* address = dlsym(m_handle, name))
        return address;
    return fail(ErrorCode::NotFound, "the library {} has no function {}; a newer one is needed", m_name, name);
}

std::vector<std::filesystem::path> foldersBesideTorch()
{
    std::vector<std::filesystem::path> folders;
    const auto look = [](dl_phdr_info* library, std::size_t, void* to) {
        const std::filesystem::path path = library->dlpi_name;
        if (path.filename() != "libtorch_cpu.so")
            return 0;
        const auto packages = path.parent_path() / "../.."; // a wheel's torch/lib lies in site-packages, as NVIDIA's wheels do
        for (const auto& folder : {packages / "nvidia/cuda_nvrtc/lib", packages / "nvidia/cu13/lib", path.parent_path()})
            static_cast<std::vector<std::filesystem::path>*>(to)->push_back(folder.lexically_normal());
        return 1;
    };
    dl_iterate_phdr(look, &folders);
    return folders;
}

} // namespace winnow
