// SPDX-License-Identifier: GPL-3.0-or-later
// winnow check, as a person calls it.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

namespace fs = std::filesystem;
using test::demoFolder;
using test::Outcome;
using test::program;
using test::ScratchFolder;
using testing::HasSubstr;

TEST(Commands, checkSaysGreenOrRedOfEveryLayer)
{
    const Outcome right = program({"check", WINNOW_FIXTURES "/trace/cohere2.h5"});
    EXPECT_EQ(right.code, 0) << right.err;
    EXPECT_THAT(right.out, HasSubstr("green layer 0: its rows add up to 1, and attention times value is o, at 21 of 21 steps"));
    EXPECT_THAT(right.out, HasSubstr("green layer 1: "));
    const Outcome wrong = program({"check", "--steps", "16", WINNOW_FIXTURES "/trace/wrong.h5"});
    EXPECT_EQ(wrong.code, 1);
    EXPECT_THAT(wrong.out, HasSubstr("green layer 0: its rows add up to 1, and attention times value is o, at 16 of 21 steps"));
    EXPECT_THAT(wrong.out, HasSubstr("red   layer 1: its rows add up to 1, but attention times value is not o"));
    EXPECT_THAT(wrong.err, HasSubstr("the attention of 1 of 2 layers of"));
    EXPECT_EQ(program({"check", WINNOW_FIXTURES "/trace/llama.h5", "--steps", "-1"}).code, 2);
}

/// Large logits, and one token that holds nearly all of the attention.
TEST(Commands, checkIsGreenOfALongRecordingOfTheDemo)
{
    const ScratchFolder folder;
    const std::string out = (folder / "T.h5").string();
    const std::string text = (fs::path(demoFolder()).parent_path().parent_path() / "texts/needle.txt").string();
    ASSERT_EQ(
        program({"record", "--model", demoFolder(), "--text", text, "--layers", "3-3", "--device", "cpu", "--out", out}).code, 0);
    const Outcome check = program({"check", out});
    EXPECT_EQ(check.code, 0) << check.out << check.err;
    EXPECT_THAT(check.out, HasSubstr("green layer 3"));
}

} // namespace
} // namespace winnow
