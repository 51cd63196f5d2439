#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

using namespace winnow;
using testing::HasSubstr;
using winnow::testing_support::TemporaryFolder;

namespace {

std::string contentOf(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(AtomicFile, replacesTheOldFileAtCommitAndNotBefore)
{
    const TemporaryFolder folder;
    std::ofstream(folder / "a.csv") << "old";
    AtomicFile file = AtomicFile::prepare(folder / "a.csv").value();
    std::ofstream(file.part()) << "new";
    EXPECT_EQ(contentOf(folder / "a.csv"), "old");
    ASSERT_TRUE(file.commit());
    EXPECT_EQ(contentOf(folder / "a.csv"), "new");
    EXPECT_FALSE(std::filesystem::exists(folder / "a.csv.part"));
}

TEST(AtomicFile, removesItsPartWhenDropped)
{
    const TemporaryFolder folder;
    {
        AtomicFile first = AtomicFile::prepare(folder / "a.csv").value();
        std::ofstream(first.part()) << "half";
        const AtomicFile moved = std::move(first);
        EXPECT_TRUE(std::filesystem::exists(folder / "a.csv.part"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AtomicFile, writesWholeFiles)
{
    const TemporaryFolder folder;
    const std::string content(300000, 'x');
    ASSERT_TRUE(writeFileAtomically(folder / "a.svg", content));
    EXPECT_EQ(contentOf(folder / "a.svg"), content);
    ASSERT_TRUE(writeFileAtomically(folder / "a.svg", ""));
    EXPECT_EQ(contentOf(folder / "a.svg"), "");
}

TEST(AtomicFile, saysWhyAPlaceCannotBeWritten)
{
    const TemporaryFolder folder;
    std::ofstream(folder / "file") << "x";
    const auto message = [](const std::filesystem::path& path) { return writeFileAtomically(path, "x").error().message; };
    EXPECT_THAT(message(folder.path()), HasSubstr("is a folder"));
    EXPECT_THAT(message(folder / "none" / "a"), HasSubstr("does not exist"));
    EXPECT_THAT(message(folder / "file" / "a"), HasSubstr("is not a folder"));
    EXPECT_THAT(message(""), HasSubstr("names no file"));
    EXPECT_THAT(message("/proc/winnow.csv"), HasSubstr("/proc/winnow.csv"));
}

TEST(Disk, refusesWhatDoesNotFit)
{
    EXPECT_TRUE(checkSpace("t.h5", 1000, 1000));
    const auto refused = checkSpace("t.h5", 5'000'000'000, 1'500'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoSpace);
    EXPECT_THAT(refused.error().message, HasSubstr("would take 5.0 GB, and its disk has 1.5 MB left"));
    EXPECT_GT(freeBytes("anything").value(), 0u);
    EXPECT_FALSE(freeBytes("/no/such/folder/file"));
}

TEST(Disk, printsSizes)
{
    EXPECT_EQ(sizeText(999), "999 bytes");
    EXPECT_EQ(sizeText(37'700'000), "37.7 MB");
    EXPECT_EQ(sizeText(999'960), "1.0 MB");
}

} // namespace
