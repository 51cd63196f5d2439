// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of its own for one test, removed at the end.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

namespace winnow::testing_support {

class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::random_device device;
        do
            m_path = std::filesystem::temp_directory_path() / ("winnow-test-" + std::to_string(device()));
        while (!std::filesystem::create_directory(m_path));
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(std::string_view name) const { return m_path / name; }
    /// A file in it, with the folders on its way.
    void write(const std::filesystem::path& name, std::string_view bytes) const
    {
        std::filesystem::create_directories((m_path / name).parent_path());
        std::ofstream(m_path / name, std::ios::binary) << bytes;
    }

private:
    std::filesystem::path m_path;
};

} // namespace winnow::testing_support
