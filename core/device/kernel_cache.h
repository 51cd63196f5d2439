// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled kernels on the disk, so that each is compiled once on a machine.
#pragma once

#include "core/device/nvrtc.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace winnow {

/// A folder of kernels. A kernel's key is all that its machine code depends on: source, headers, compiler, options, architecture.
/// The file is named by the key's hash and holds the whole key, so that two keys with one hash are not mixed up. Several programs
/// may use one folder at the same time.
class KernelCache {
public:
    /// Empty: nothing is kept.
    explicit KernelCache(std::filesystem::path folder) : m_folder(std::move(folder)) {}
    /// winnow/kernels in the user's cache folder ($XDG_CACHE_HOME, or ~/.cache).
    static KernelCache ofUser();

    /// The kernel; nothing where there is no file of this key, or a damaged one.
    std::optional<std::vector<std::byte>> find(std::string_view key) const;
    /// A file that cannot be written is no error: the kernel is compiled again then.
    void keep(std::string_view key, std::span<const std::byte> cubin) const;

    std::filesystem::path pathOf(std::string_view key) const;

private:
    std::filesystem::path m_folder;
};

/// The kernel from the cache; where it is not there, it is compiled and put there.
Result<CompiledKernel> compileOnce(const Nvrtc& compiler, const KernelProgram& program, int architecture,
                                   const KernelCache& cache);

} // namespace winnow
