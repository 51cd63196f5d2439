// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/scratch_file.h"

#include "core/io/disk.h"
#include "core/io/file_descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace winnow {

namespace {

/// A file in `folder` that no name leads to.
FileDescriptor nameless(const std::filesystem::path& folder)
{
    if (FileDescriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)); file)
        return file;
    std::string name = (folder / "winnow-XXXXXX").string(); // where the file system cannot do that
    FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
    if (file)
        ::unlink(name.c_str());
    return file;
}

} // namespace

Result<ScratchFile> ScratchFile::make(std::size_t bytes, const std::filesystem::path& folder)
{
    const auto refuse = [&](int error) {
        return fail(error == ENOSPC ? ErrorCode::NoSpace : ErrorCode::Io,
                    "a temporary file of {} cannot be made in '{}': {}; free some space, or set TMPDIR to a folder that has it",
                    sizeText(bytes), folder.string(), std::generic_category().message(error));
    };
    const FileDescriptor file = nameless(folder);
    if (!file)
        return refuse(errno);
    if (const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)); error != 0)
        return refuse(error);
    void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (data == MAP_FAILED)
        return refuse(errno);
    ScratchFile scratch;
    scratch.m_data = static_cast<std::byte*>(data);
    scratch.m_size = bytes;
    return scratch;
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0))
{
}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

ScratchFile::~ScratchFile()
{
    if (m_data)
        ::munmap(m_data, m_size);
}

std::filesystem::path scratchFolder()
{
    if (const char* named = std::getenv("TMPDIR"); named && *named)
        return named;
    std::error_code error;
    const std::filesystem::path usual = "/var/tmp";
    return std::filesystem::is_directory(usual, error) ? usual : std::filesystem::temp_directory_path(error);
}

std::uint64_t scratchBytes(const std::filesystem::path& folder)
{
    constexpr std::uint32_t kTmpfs = 0x01021994, kRamfs = 0x858458f6;
    struct statfs kind {};
    const bool there = ::statfs(folder.c_str(), &kind) == 0;
    const auto type = static_cast<std::uint32_t>(kind.f_type);
    if (!there || type == kTmpfs || type == kRamfs || ::access(folder.c_str(), W_OK | X_OK) != 0)
        return 0;
    return freeBytes(folder / "scratch").value_or(0);
}

} // namespace winnow
