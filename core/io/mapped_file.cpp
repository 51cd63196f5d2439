// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"

#include "core/io/regular_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/mman.h>

namespace winnow {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    WINNOW_TRY(const RegularFile regular, openRegular(path));
    MappedFile file;
    file.m_size = static_cast<std::size_t>(regular.bytes);
    if (file.m_size == 0)
        return file; // mmap refuses length 0
    void* data = ::mmap(nullptr, file.m_size, PROT_READ, MAP_PRIVATE, regular.descriptor.get(), 0);
    if (data == MAP_FAILED)
        return fail(errno == ENOMEM ? ErrorCode::OutOfMemory : ErrorCode::Io, "'{}' ({} bytes) cannot be mapped into memory: {}",
                    path.string(), file.m_size, std::strerror(errno));
    file.m_data = static_cast<const std::byte*>(data);
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0))
{
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

MappedFile::~MappedFile()
{
    if (m_data != nullptr)
        ::munmap(const_cast<std::byte*>(m_data), m_size);
}

} // namespace winnow
