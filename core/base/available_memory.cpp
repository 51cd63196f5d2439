// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/available_memory.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

namespace winnow {

namespace fs = std::filesystem;

namespace {

/// How a version of control groups names things.
struct GroupFiles {
    const char *folder, *most, *used;
    std::string_view inactive, active; ///< of memory.stat: pages of files, which are given back when memory is short
};

constexpr GroupFiles kVersion1{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
                               "total_active_file"};
constexpr GroupFiles kVersion2{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file", "active_file"};

/// A number in a file of the system; nothing for "max", and where there is no such file.
std::optional<std::uint64_t> numberIn(const fs::path& path)
{
    std::uint64_t number = 0;
    if (std::ifstream file(path); file >> number)
        return number;
    return std::nullopt;
}

std::optional<std::uint64_t> leftIn(const fs::path& group, const GroupFiles& files)
{
    const auto most = numberIn(group / files.most), used = numberIn(group / files.used);
    if (!most || !used)
        return std::nullopt;
    std::uint64_t cached = 0, number = 0;
    std::ifstream stat(group / "memory.stat");
    for (std::string name; stat >> name >> number;)
        if (name == files.inactive || name == files.active)
            cached += number;
    return *most - std::min(*most, *used) + std::min(cached, *used);
}

std::optional<std::uint64_t> availableInSystem(const fs::path& root)
{
    std::ifstream file(root / "proc/meminfo");
    for (std::string name, unit; file >> name;) {
        std::uint64_t kibibytes = 0;
        file >> kibibytes;
        std::getline(file, unit);
        if (name == "MemAvailable:")
            return kibibytes * 1024;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> availableMemory(const fs::path& root)
{
    std::optional<std::uint64_t> available = availableInSystem(root);
    const auto limit = [&](std::optional<std::uint64_t> left) {
        if (left)
            available = std::min(available.value_or(*left), *left);
    };
    // "4:memory:/a/b" in version 1, "0::/a/b" in version 2. A container may not see its own group, but always the topmost.
    std::ifstream groups(root / "proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const std::string_view controllers = std::string_view(line).substr(first, second - first); // ":cpu,memory"
        const bool unified = controllers == ":", memory = controllers.ends_with(":memory") || controllers.ends_with(",memory") ||
                                                          controllers.find(":memory,") == 0 ||
                                                          controllers.find(",memory,") != std::string_view::npos;
        if (!unified && !memory)
            continue;
        const GroupFiles& files = unified ? kVersion2 : kVersion1;
        for (fs::path group = fs::path(line.substr(second + 1)).relative_path(); !group.empty(); group = group.parent_path())
            limit(leftIn(root / files.folder / group, files));
        limit(leftIn(root / files.folder, files));
    }
    return available;
}

} // namespace winnow
