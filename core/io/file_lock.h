// Which process writes a file: locks that end with their process, however it ends.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include <sys/types.h>

namespace winnow {

/// Owns a file descriptor; −1 = none. A lock that was taken with it ends when it is closed.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int value) : m_value(value) {}
    FileDescriptor(FileDescriptor&& other) noexcept : m_value(std::exchange(other.m_value, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        std::swap(m_value, other.m_value);
        return *this;
    }
    ~FileDescriptor();

    int get() const { return m_value; }
    explicit operator bool() const { return m_value >= 0; }

private:
    int m_value = -1;
};

enum class LockAnswer {
    Taken,
    Busy,    ///< another descriptor holds it, of this process or of another
    Unknown, ///< this file system has no locks
};

/// Takes the lock of an open file that belongs to whoever writes it: only where nobody else holds it. Readers are not kept out, and
/// HDF5's own locks are others (but for network file systems, where this one still lets readers in). Never waits.
LockAnswer takeWriterLock(int descriptor);

/// The process that holds the writer's lock of `path`, as far as /proc tells.
std::optional<pid_t> lockHolder(const std::filesystem::path& path);

} // namespace winnow
