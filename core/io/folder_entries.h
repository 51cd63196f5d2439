// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in a folder.
#pragma once

#include <filesystem>
#include <vector>

namespace winnow {

/// The paths of all entries but "." and "..", in the order of their names; none where the folder cannot be read. Instead of
/// std::filesystem::directory_iterator, whose library ends the program where memory runs out.
std::vector<std::filesystem::path> folderEntries(const std::filesystem::path& folder);

} // namespace winnow
