// SPDX-License-Identifier: GPL-3.0-or-later
// A file descriptor with an owner.
#pragma once

#include <utility>

namespace winnow {

/// Owns a file descriptor; −1 = none. A lock that was taken with it ends when it is closed.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : m_number(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        std::swap(m_number, other.m_number);
        return *this;
    }
    ~FileDescriptor() { reset(); }

    int get() const { return m_number; }
    explicit operator bool() const { return m_number >= 0; }
    /// Closes it.
    void reset();

private:
    int m_number = -1;
};

} // namespace winnow
