// SPDX-License-Identifier: GPL-3.0-or-later
// A file whose content a fuzzer replaces, for readers that take a path.
#pragma once

#include "core/base/check.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace winnow {

/// Lies in memory where the system has such a place; removed at the end.
class FuzzFile {
public:
    explicit FuzzFile(const std::string& extension)
    {
        const std::filesystem::path memory = "/dev/shm";
        const auto folder = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
        m_path = folder / ("winnow-fuzz-" + std::to_string(::getpid()) + extension);
    }
    ~FuzzFile()
    {
        std::error_code ignored;
        std::filesystem::remove(m_path, ignored);
    }
    FuzzFile(const FuzzFile&) = delete;
    FuzzFile& operator=(const FuzzFile&) = delete;

    const std::filesystem::path& write(const std::uint8_t* data, std::size_t size) const
    {
        std::FILE* file = std::fopen(m_path.c_str(), "wb");
        WINNOW_CHECK(file != nullptr && std::fwrite(data, 1, size, file) == size && std::fclose(file) == 0,
                     "'{}' cannot be written", m_path.string());
        return m_path;
    }

private:
    std::filesystem::path m_path;
};

} // namespace winnow
