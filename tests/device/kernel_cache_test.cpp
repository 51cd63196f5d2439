// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/kernel_cache.h"

#include "core/io/mapped_file.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace winnow {
namespace {

using testing_support::TemporaryFolder;

std::vector<std::byte> bytes(std::initializer_list<int> values)
{
    std::vector<std::byte> list;
    for (const int value : values)
        list.push_back(static_cast<std::byte>(value));
    return list;
}

TEST(KernelCache, givesBackWhatWasKeptUnderTheSameKeyOnly)
{
    const TemporaryFolder folder;
    const KernelCache cache(folder.path() / "winnow/kernels"); // made when something is kept
    EXPECT_FALSE(cache.find("a text"));
    cache.keep("a text", bytes({1, 0, 2}));
    cache.keep("another", bytes({}));
    EXPECT_EQ(cache.find("a text"), bytes({1, 0, 2}));
    EXPECT_EQ(cache.find("another"), bytes({}));
    EXPECT_FALSE(cache.find("a text!"));
    cache.keep("a text", bytes({3}));
    EXPECT_EQ(cache.find("a text"), bytes({3}));
}

TEST(KernelCache, takesNoDamagedFile)
{
    const TemporaryFolder folder;
    const KernelCache cache(folder.path());
    cache.keep("a text", bytes({1, 2, 3, 4}));
    const auto path = cache.pathOf("a text");
    const std::string whole(MappedFile::open(path)->text());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        folder.write(path.filename(), whole.substr(0, size));
        EXPECT_FALSE(cache.find("a text")) << size;
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        folder.write(path.filename(), changed);
        EXPECT_FALSE(cache.find("a text")) << at;
    }
}

TEST(KernelCache, ofAnotherTextWithTheSameNameIsNotTaken)
{
    const TemporaryFolder folder;
    const KernelCache cache(folder.path());
    cache.keep("one", bytes({1}));
    std::filesystem::copy_file(cache.pathOf("one"), cache.pathOf("two"));
    EXPECT_FALSE(cache.find("two"));
}

TEST(KernelCache, keepsNothingWithoutAFolderAndSaysNothingWhereItCannotWrite)
{
    KernelCache("").keep("a text", bytes({1}));
    EXPECT_FALSE(KernelCache("").find("a text"));
    const KernelCache nowhere("/proc/winnow");
    nowhere.keep("a text", bytes({1}));
    EXPECT_FALSE(nowhere.find("a text"));
}

TEST(KernelCache, ofTheUserLiesInTheCacheFolder)
{
    setenv("XDG_CACHE_HOME", "/somewhere/cache", 1);
    EXPECT_EQ(KernelCache::ofUser().pathOf("x").parent_path(), "/somewhere/cache/winnow/kernels");
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "/somewhere", 1);
    EXPECT_EQ(KernelCache::ofUser().pathOf("x").parent_path(), "/somewhere/.cache/winnow/kernels");
}

} // namespace
} // namespace winnow
