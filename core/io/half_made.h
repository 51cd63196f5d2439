// SPDX-License-Identifier: GPL-3.0-or-later
// The names of files that are half made, for an end of the program at which no destructor runs.
#pragma once

#include <filesystem>
#include <utility>

namespace winnow {

/// While it lives, removeHalfMade() removes the file. Any thread. Beyond some names at a time, and for very long ones, nothing is
/// noted.
class HalfMade {
public:
    HalfMade() = default;
    explicit HalfMade(const std::filesystem::path& path);
    HalfMade(HalfMade&& other) noexcept : m_place(std::exchange(other.m_place, -1)) {}
    HalfMade& operator=(HalfMade&& other) noexcept
    {
        std::swap(m_place, other.m_place);
        return *this;
    }
    ~HalfMade();

private:
    int m_place = -1;
};

/// Removes the files that are half made at this moment. Asks for no memory, and may be called in a signal handler.
void removeHalfMade();

} // namespace winnow
