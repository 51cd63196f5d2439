// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/folder_entries.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing_support::TemporaryFolder;

TEST(FolderEntries, areThePathsInOrder)
{
    const TemporaryFolder folder;
    for (const char* name : {"b", ".hidden", "a"})
        folder.write(name, "");
    std::filesystem::create_directory(folder / "c");
    EXPECT_EQ(folderEntries(folder.path()),
              (std::vector<std::filesystem::path>{folder / ".hidden", folder / "a", folder / "b", folder / "c"}));
}

TEST(FolderEntries, areNoneWhereThereIsNoFolder)
{
    const TemporaryFolder folder;
    folder.write("file", "");
    EXPECT_TRUE(folderEntries(folder / "absent").empty());
    EXPECT_TRUE(folderEntries(folder / "file").empty());
}

} // namespace
} // namespace winnow
