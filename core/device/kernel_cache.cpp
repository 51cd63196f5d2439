// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/kernel_cache.h"

#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace winnow {

namespace {

/// A file's first bytes. Behind them stand the key, and then the kernel.
struct Front {
    char sign[8] = {'w', 'i', 'n', 'n', 'o', 'w', 'k', '1'};
    std::uint64_t keyBytes = 0, kernelBytes = 0, kernelHash = 0;
};

/// FNV-1a, 64 bits.
std::uint64_t hashOf(std::string_view bytes)
{
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return hash;
}

std::string_view textOf(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

} // namespace

KernelCache KernelCache::ofUser()
{
    const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    if (cache && *cache)
        return KernelCache(std::filesystem::path(cache) / "winnow/kernels");
    return KernelCache(home && *home ? std::filesystem::path(home) / ".cache/winnow/kernels" : std::filesystem::path());
}

std::filesystem::path KernelCache::pathOf(std::string_view key) const
{
    return m_folder / fmt::format("{:016x}.cubin", hashOf(key));
}

std::optional<std::vector<std::byte>> KernelCache::find(std::string_view key) const
{
    if (m_folder.empty())
        return std::nullopt;
    const auto file = MappedFile::open(pathOf(key));
    Front front;
    if (!file || file->bytes().size() < sizeof(front))
        return std::nullopt;
    std::memcpy(&front, file->bytes().data(), sizeof(front));
    if (std::memcmp(front.sign, Front().sign, sizeof(front.sign)) != 0 || front.keyBytes != key.size() ||
        !file->text().substr(sizeof(front)).starts_with(key))
        return std::nullopt;
    const auto kernel = file->bytes().subspan(sizeof(front) + key.size());
    if (front.kernelBytes != kernel.size() || front.kernelHash != hashOf(textOf(kernel)))
        return std::nullopt;
    return std::vector<std::byte>(kernel.begin(), kernel.end());
}

void KernelCache::keep(std::string_view key, std::span<const std::byte> cubin) const
{
    std::error_code refused;
    if (m_folder.empty() || (std::filesystem::create_directories(m_folder, refused), refused))
        return;
    const Front front{.keyBytes = key.size(), .kernelBytes = cubin.size(), .kernelHash = hashOf(textOf(cubin))};
    std::string content(sizeof(front), '\0');
    std::memcpy(content.data(), &front, sizeof(front));
    content.append(key).append(textOf(cubin));
    (void)writeFileAtomically(pathOf(key), content);
}

Result<CompiledKernel> compileOnce(const Nvrtc& compiler, const KernelProgram& program, int architecture,
                                   const KernelCache& cache)
{
    std::string key = compiler.options(program, architecture) + '\n' + program.source;
    for (const KernelHeader& header : kernelHeaders())
        key.append(header.name).append("\n").append(header.text);
    if (auto known = cache.find(key))
        return CompiledKernel{.cubin = std::move(*known)};
    WINNOW_TRY(CompiledKernel kernel, compiler.compile(program, architecture));
    cache.keep(key, kernel.cubin);
    return kernel;
}

} // namespace winnow
