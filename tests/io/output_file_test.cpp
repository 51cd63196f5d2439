// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_file.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

using namespace winnow;
using testing::AllOf;
using testing::HasSubstr;
using winnow::testing_support::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

void writeHdf5(const fs::path& path, const std::string& format)
{
    Hdf5File file = Hdf5File::create(path).value();
    if (!format.empty()) {
        ASSERT_TRUE(file.setAttribute("/", "format", format));
    }
    ASSERT_TRUE(file.makeGroup("/replays"));
    ASSERT_TRUE(file.close());
}

void writeNpz(const fs::path& path, std::initializer_list<const char*> names)
{
    NpzWriter npz(path);
    for (const char* name : names)
        npz.addScalar(name, 1.0);
    ASSERT_TRUE(npz.finish());
}

TEST(OutputFile, knowsWhatWinnowWroteFromItsContent)
{
    const TemporaryFolder folder;
    const auto kind = [&](const std::string& bytes) {
        folder.write("file", bytes);
        return writtenKind(folder / "file");
    };
    EXPECT_EQ(kind("# loop: open\na,b\n"), WrittenKind::Numbers);
    EXPECT_EQ(kind("# device: cpu\n# winnow: 0.1.0\na,b\n"), WrittenKind::Numbers);
    EXPECT_EQ(kind("# my measurements: 2024\na,b\n1,2\n"), std::nullopt);
    EXPECT_EQ(kind("a,b\n# loop: open\n"), std::nullopt);
    EXPECT_EQ(kind("<?xml version=\"1.0\"?><svg><metadata><m xmlns=\"urn:winnow:manifest\"/></metadata></svg>"),
              WrittenKind::Picture);
    EXPECT_EQ(kind("<?xml version=\"1.0\"?><svg/>"), std::nullopt);
    EXPECT_EQ(kind("%PDF-1.4 /Creator (someone)"), std::nullopt);
    EXPECT_EQ(kind("\x89PNG\r\n\x1a\n holiday"), std::nullopt);
    EXPECT_EQ(kind("{\"format\": \"winnow-session\"}"), WrittenKind::Session);
    EXPECT_EQ(kind("{\"model_type\": \"llama\"}"), std::nullopt);
    EXPECT_EQ(kind("PK\x03\x04 no zip"), std::nullopt);
    EXPECT_EQ(kind("\x89HDF\r\n\x1a\n no more"), std::nullopt);
    EXPECT_EQ(writtenKind(folder / "nothing"), std::nullopt);
    EXPECT_EQ(writtenKind("/dev/null"), std::nullopt);

    writeHdf5(folder / "t.h5", "winnow-trace");
    writeHdf5(folder / "r.h5", "winnow-replay");
    writeHdf5(folder / "o.h5", "");
    EXPECT_EQ(writtenKind(folder / "t.h5"), WrittenKind::Trace);
    EXPECT_EQ(writtenKind(folder / "r.h5"), WrittenKind::Replay);
    EXPECT_EQ(writtenKind(folder / "o.h5"), std::nullopt);
    writeNpz(folder / "r.npz", {"manifest", "evict_step.0"});
    writeNpz(folder / "n.npz", {"manifest", "bands"});
    writeNpz(folder / "o.npz", {"weights", "biases"});
    EXPECT_EQ(writtenKind(folder / "r.npz"), WrittenKind::Replay);
    EXPECT_EQ(writtenKind(folder / "n.npz"), WrittenKind::Numbers);
    EXPECT_EQ(writtenKind(folder / "o.npz"), std::nullopt);
}

TEST(OutputFile, isNeverAnInputWhateverItIsCalled)
{
    const TemporaryFolder folder;
    fs::create_directory(folder / "model");
    folder.write("t.h5", "read");
    folder.write("model/weights", "read");
    fs::create_symlink("t.h5", folder / "soft.h5");
    fs::create_hard_link(folder / "t.h5", folder / "hard.h5");
    fs::create_directory_symlink(folder.path(), folder / "again");
    fs::create_hard_link(folder / "model" / "weights", folder / "w.h5");
    const std::vector<fs::path> inputs{folder / "t.h5", folder / "model", "", "nowhere"};
    for (const char* name : {"t.h5", "./t.h5", "model/../t.h5", "soft.h5", "hard.h5", "again/t.h5", "w.h5", "model/weights"}) {
        const auto refused = checkOutput(folder / name, inputs, std::nullopt);
        ASSERT_FALSE(refused) << name;
        EXPECT_THAT(refused.error().message, AllOf(HasSubstr(name), HasSubstr("which is read"))) << name;
    }
    EXPECT_TRUE(checkOutput(folder / "new.h5", inputs, std::nullopt));
    EXPECT_TRUE(checkOutput(folder / "model" / "new.h5", inputs, std::nullopt));

    folder.write("u.h5.part", "read");
    const std::vector<fs::path> part{folder / "u.h5.part"};
    EXPECT_FALSE(checkOutput(folder / "u.h5", part, WrittenKind::Trace)) << "it would grow there";
    EXPECT_TRUE(checkOutput(folder / "u.h5", part, WrittenKind::Replay));
}

TEST(OutputFile, replacesWhatIsOfItsKindAndNothingElse)
{
    const TemporaryFolder folder;
    writeHdf5(folder / "t.h5", "winnow-trace");
    folder.write("mine.csv", "a,b\n1,2\n");
    folder.write("empty.csv", "");
    EXPECT_TRUE(checkOutput(folder / "t.h5", {}, WrittenKind::Trace));
    EXPECT_THAT(checkOutput(folder / "t.h5", {}, WrittenKind::Replay).error().message,
                AllOf(HasSubstr("is a recording, not a replay of Winnow's"), HasSubstr("move it away")));
    EXPECT_THAT(checkOutput(folder / "mine.csv", {}, WrittenKind::Numbers).error().message,
                HasSubstr("is a file of another kind"));
    EXPECT_TRUE(checkOutput(folder / "mine.csv", {}, std::nullopt)) << "its user was asked";
    EXPECT_TRUE(checkOutput(folder / "empty.csv", {}, WrittenKind::Numbers)) << "nothing is lost";
    EXPECT_EQ(extensionOf("a.b/C.NPZ"), "npz");
    EXPECT_EQ(extensionOf("a.b/none"), "");
}

} // namespace
