#include "core/io/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace winnow {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not block us
    if (descriptor < 0) {
        const int why = errno;
        return fail(why == ENOENT || why == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io, "'{}' cannot be opened: {}",
                    path.string(), std::strerror(why));
    }
    struct Closer {
        int descriptor;
        ~Closer() { ::close(descriptor); }
    } closer{descriptor};

    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        return fail(ErrorCode::Io, "'{}' cannot be examined: {}", path.string(), std::strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::BadInput, "'{}' is {}, a file was expected", path.string(),
                    S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");

    MappedFile file;
    file.m_size = static_cast<std::size_t>(status.st_size);
    if (file.m_size == 0)
        return file; // mmap refuses length 0
    void* data = ::mmap(nullptr, file.m_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
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
