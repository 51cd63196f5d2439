// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/folder_entries.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <dirent.h>

namespace winnow {

namespace {

struct Close {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

} // namespace

std::vector<std::filesystem::path> folderEntries(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> entries;
    const std::unique_ptr<DIR, Close> open(::opendir(folder.c_str()));
    while (open) {
        const dirent* const entry = ::readdir(open.get());
        if (!entry)
            break;
        if (const std::string_view name = entry->d_name; name != "." && name != "..")
            entries.push_back(folder / name);
    }
    std::sort(entries.begin(), entries.end());
    return entries;
}

} // namespace winnow
