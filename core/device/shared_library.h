// SPDX-License-Identifier: GPL-3.0-or-later
// Libraries that are loaded while the program runs.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace winnow {

/// A loaded library. It stays loaded until the program ends: those of CUDA are not made to be unloaded.
class SharedLibrary {
public:
    /// `name` as the system's loader takes it: a path, or a file's name. NotFound with the loader's words.
    static Result<SharedLibrary> open(const std::string& name);

    /// To a pointer to a function of that name. NotFound where the library has none.
    template <class Function>
    Result<void> find(const char* name, Function*& to) const
    {
        WINNOW_TRY(void* address, symbol(name));
        to = reinterpret_cast<Function*>(address);
        return {};
    }

private:
    explicit SharedLibrary(void* handle, std::string name) : m_handle(handle), m_name(std::move(name)) {}
    Result<void*> symbol(const char* name) const;

    void* m_handle;
    std::string m_name;
};

/// Folders beside the LibTorch that this program runs with, in which PyTorch's CUDA builds have NVIDIA's libraries. Empty where
/// there is no LibTorch.
std::vector<std::filesystem::path> foldersBesideTorch();

} // namespace winnow
