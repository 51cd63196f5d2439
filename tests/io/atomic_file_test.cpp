// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <optional>

using namespace winnow;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using winnow::testing_support::TemporaryFolder;

namespace fs = std::filesystem;

namespace {

std::string contentOf(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> namesIn(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    return names;
}

mode_t modeOf(const fs::path& path)
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
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
    EXPECT_THAT(namesIn(folder.path()), ElementsAre("a.csv"));
}

TEST(AtomicFile, removesItsPartWhenDropped)
{
    const TemporaryFolder folder;
    {
        AtomicFile first = AtomicFile::prepare(folder / "a.csv").value();
        std::ofstream(first.part()) << "half";
        const AtomicFile moved = std::move(first);
        EXPECT_TRUE(fs::exists(moved.part()));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AtomicFile, goesWithAllThatIsHalfMadeWhereNoDestructorRuns)
{
    const TemporaryFolder folder;
    auto first = AtomicFile::prepare(folder / "a.csv").value(), second = AtomicFile::claim(folder / "b.h5").value();
    auto moved = std::move(first);
    auto done = AtomicFile::prepare(folder / "c.csv").value();
    ASSERT_TRUE(done.commit());
    {
        const auto dropped = AtomicFile::prepare(folder / "d.csv").value();
    }
    EXPECT_EQ(namesIn(folder.path()).size(), 3U);
    removeHalfMade();
    EXPECT_THAT(namesIn(folder.path()), ElementsAre("c.csv"));
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

TEST(AtomicFile, keepsTheModeOfWhatItReplacesAndHonorsTheUmask)
{
    const TemporaryFolder folder;
    const mode_t before = ::umask(027);
    ASSERT_TRUE(writeFileAtomically(folder / "new.csv", "x"));
    EXPECT_EQ(modeOf(folder / "new.csv"), 0640U);
    fs::permissions(folder / "new.csv", fs::perms(0604));
    const AtomicFile file = AtomicFile::prepare(folder / "new.csv").value();
    EXPECT_EQ(modeOf(file.part()), 0604U);
    ASSERT_TRUE(writeFileAtomically(folder / "new.csv", "y"));
    EXPECT_EQ(modeOf(folder / "new.csv"), 0604U);
    ::umask(before);
}

TEST(AtomicFile, followsALinkToItsTargetAndLeavesTheLink)
{
    const TemporaryFolder folder;
    fs::create_directory(folder / "far");
    std::ofstream(folder / "far" / "real.csv") << "old";
    fs::create_symlink("far/real.csv", folder / "one.csv");
    fs::create_symlink(folder / "one.csv", folder / "two.csv");
    ASSERT_TRUE(writeFileAtomically(folder / "two.csv", "new"));
    EXPECT_TRUE(fs::is_symlink(folder / "two.csv") && fs::is_symlink(folder / "one.csv"));
    EXPECT_EQ(contentOf(folder / "far" / "real.csv"), "new");

    fs::create_symlink("far/nothing.csv", folder / "hanging.csv"); // written where it leads, as a shell's > does
    ASSERT_TRUE(writeFileAtomically(folder / "hanging.csv", "new"));
    EXPECT_TRUE(fs::is_symlink(folder / "hanging.csv"));
    EXPECT_EQ(contentOf(folder / "far" / "nothing.csv"), "new");

    fs::create_symlink("round.csv", folder / "round.csv");
    EXPECT_THAT(writeFileAtomically(folder / "round.csv", "new").error().message, HasSubstr("in a circle"));
}

TEST(AtomicFile, refusesWhatIsNoRegularFile)
{
    const TemporaryFolder folder;
    const auto message = [&](const char* name) { return writeFileAtomically(folder / name, "x").error().message; };
    ASSERT_EQ(::mkfifo((folder / "fifo.csv").c_str(), 0600), 0);
    EXPECT_THAT(message("fifo.csv"), HasSubstr("is a FIFO and no file"));
    fs::create_symlink("/dev/null", folder / "null.csv");
    EXPECT_THAT(message("null.csv"), HasSubstr("is a device and no file"));
    std::ofstream(folder / "kept.csv") << "kept";
    fs::permissions(folder / "kept.csv", fs::perms(0444));
    EXPECT_THAT(message("kept.csv"), HasSubstr("may not be written to"));
    EXPECT_EQ(contentOf(folder / "kept.csv"), "kept");
    EXPECT_THAT(namesIn(folder.path()), UnorderedElementsAre("fifo.csv", "null.csv", "kept.csv"));
}

TEST(AtomicFile, sweepsWhatDeadWritersLeftAndNothingElse)
{
    const TemporaryFolder folder;
    for (const char* name : {"a.csv.0123abcd.winnow-part", "a.csv.part", "b.csv.0123abcd.winnow-part", "a.csv.mine.winnow-part"})
        std::ofstream(folder / name) << "x";
    const AtomicFile other = AtomicFile::prepare(folder / "a.csv").value(); // alive
    EXPECT_FALSE(fs::exists(folder / "a.csv.0123abcd.winnow-part"));
    ASSERT_TRUE(writeFileAtomically(folder / "a.csv", "new"));
    EXPECT_THAT(namesIn(folder.path()), UnorderedElementsAre("a.csv", "a.csv.part", "b.csv.0123abcd.winnow-part",
                                                             "a.csv.mine.winnow-part", other.part().filename().string()));
}

TEST(AtomicFile, takesNamesAsLongAsTheyMayBe)
{
    const TemporaryFolder folder;
    std::string wide;
    while (wide.size() + 2 <= 249)
        wide += "ä";
    for (const std::string& name : {std::string(249, 'n') + ".csv", std::string(251, 'n') + ".csv", wide + ".csv"}) {
        ASSERT_TRUE(writeFileAtomically(folder / name, "x")) << name.size();
        AtomicFile claimed = AtomicFile::claim(folder / name).value();
        EXPECT_LE(claimed.part().filename().string().size(), 255U);
        ASSERT_TRUE(claimed.write("y"));
        ASSERT_TRUE(claimed.commit());
        EXPECT_EQ(contentOf(folder / name), "y");
    }
    EXPECT_NE(partPath(std::string(252, 'n') + "1"), partPath(std::string(252, 'n') + "2"));
    EXPECT_THAT(writeFileAtomically(folder / std::string(256, 'n'), "x").error().message,
                HasSubstr("has 255 bytes at most and this one 256"));
}

TEST(AtomicFile, ofTwoWritersOfARecordingTheSecondIsRefused)
{
    const TemporaryFolder folder;
    std::optional<AtomicFile> first = AtomicFile::claim(folder / "t.h5").value();
    EXPECT_EQ(first->part(), folder / "t.h5.part");
    const auto second = AtomicFile::claim(folder / "t.h5");
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message,
                HasSubstr(fmt::format("is being recorded already, by process {} into 't.h5.part'", ::getpid())));
    EXPECT_TRUE(fs::exists(folder / "t.h5.part"));

    AtomicFile next = AtomicFile::prepare(first->part()).value();
    ASSERT_TRUE(next.write("rows"));
    ASSERT_TRUE(first->takeIn(std::move(next)));
    EXPECT_EQ(contentOf(folder / "t.h5.part"), "rows");
    EXPECT_FALSE(AtomicFile::claim(folder / "t.h5")) << "what took its place is claimed too";
    first.reset();
    EXPECT_TRUE(fs::is_empty(folder.path()));
    EXPECT_TRUE(AtomicFile::claim(folder / "t.h5"));
}

TEST(AtomicFile, aRecordingGrowsOverNothingThatIsNoRecording)
{
    const TemporaryFolder folder;
    const fs::path part = folder / "t.h5.part";
    const auto refused = [&] { return AtomicFile::claim(folder / "t.h5").error().message; };
    std::ofstream(part) << "half a download";
    EXPECT_THAT(refused(), AllOf(HasSubstr("t.h5.part' is in the way"), HasSubstr("move it away")));
    EXPECT_EQ(contentOf(part), "half a download");
    fs::remove(part);
    std::ofstream(folder / "victim") << "theirs";
    fs::create_symlink("victim", part);
    EXPECT_THAT(refused(), HasSubstr("is in the way"));
    EXPECT_EQ(contentOf(folder / "victim"), "theirs");
    fs::remove(part);
    ASSERT_EQ(::mkfifo(part.c_str(), 0600), 0);
    EXPECT_THAT(refused(), HasSubstr("is in the way"));
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
