// A folder of its own for one test, removed at the end.
#pragma once

#include <filesystem>
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

private:
    std::filesystem::path m_path;
};

} // namespace winnow::testing_support
