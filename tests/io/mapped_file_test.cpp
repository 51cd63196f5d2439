// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"
#include "core/io/regular_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace winnow {
namespace {

std::filesystem::path written(const std::string& text)
{
    const std::filesystem::path path = std::filesystem::temp_directory_path() / ("winnow-mapped-" + std::to_string(::getpid()));
    std::ofstream(path) << text;
    return path;
}

TEST(MappedFile, showsTheBytesOfTheFileAlsoAfterMoving)
{
    MappedFile first = MappedFile::open(written("twelve bytes")).value();
    const MappedFile second = std::move(first);
    EXPECT_EQ(second.text(), "twelve bytes");
    EXPECT_EQ(second.bytes().size(), 12u);
}

TEST(MappedFile, showsAnEmptyFileAsNothing) { EXPECT_TRUE(MappedFile::open(written("")).value().text().empty()); }

TEST(MappedFile, saysWhatIsNoFile)
{
    EXPECT_EQ(MappedFile::open("/nowhere/at/all").error().code, ErrorCode::NotFound);
    EXPECT_EQ(MappedFile::open("/").error().message, "'/' is a folder, a file was expected");
    EXPECT_EQ(MappedFile::open("/dev/null").error().message, "'/dev/null' is not a regular file, a file was expected");
}

TEST(RegularFile, isPresentIsNotOrTheSystemDoesNotTell)
{
    EXPECT_TRUE(isPresent("/dev/null").value());
    EXPECT_FALSE(isPresent("/nowhere/at/all").value());
    EXPECT_FALSE(isPresent("/dev/null/beneath").value());
    const std::string name(300, 'n');
    EXPECT_EQ(isPresent(name).error().code, ErrorCode::Io);
    EXPECT_EQ(isPresent(name).error().message, fmt::format("'{}' cannot be opened: File name too long", name));
}

} // namespace
} // namespace winnow
