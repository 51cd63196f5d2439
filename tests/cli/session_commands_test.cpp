// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions that are damaged or whose recording is gone: one sentence, from the command line and from a window that nobody sees.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

const std::string kBegin = R"({"format": "winnow-session", "version": 1)";

void expectSentence(const Outcome& run, const std::string& word)
{
    EXPECT_EQ(run.code, 1) << run.out << run.err;
    EXPECT_TRUE(run.err.starts_with("winnow: ")) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_THAT(run.err, HasSubstr(word));
}

} // namespace

TEST(InfoOfASession, tellsWhatItHolds)
{
    const ScratchFolder folder;
    writeText(folder / "s.winnow", kBegin + R"(, "model_name": "demo", "trace": {"relative": "T.h5", "absolute": "/data/T.h5"},
        "policies": ["tova:budget=64"], "prompt": 1024, "selection": {"step": 1500}})");
    const Outcome run = program({"info", (folder / "s.winnow").string()});
    EXPECT_EQ(run.code, 0) << run.err;
    for (const char* words : {"session", "demo", "/data/T.h5", "tova:budget=64", "1,024", "1,500"})
        EXPECT_THAT(run.out, HasSubstr(words));
}

TEST(InfoOfASession, refusesADamagedOneWithASentence)
{
    const ScratchFolder folder;
    const std::pair<std::string, const char*> kDamaged[] = {
        {R"({"format": 1})", "winnow-session"},
        {"[]", "winnow-session"},
        {"{", "JSON"},
        {"", "JSON"},
        {kBegin + R"(, "policies": [1]})", "'policies' is 1"},
        {kBegin + R"(, "policies": ["h3o:budget=2"]})", "h2o"},
        {kBegin + R"(, "selection": {"zoom": [0, 100, 0, -1]}})", "'zoom'"},
        {kBegin + R"(, "prompt": {}})", "'prompt'"},
    };
    for (const auto& [text, word] : kDamaged) {
        writeText(folder / "s.winnow", text);
        expectSentence(program({"info", (folder / "s.winnow").string()}), word);
    }
}

TEST(ScreenshotOfASession, endsWithASentenceWhereThereIsNothingToShow)
{
    if (program({"--screenshot"}).err.find("without its window") != std::string::npos)
        GTEST_SKIP() << "built without the window";
    const ScratchFolder folder;
    const std::string session = (folder / "s.winnow").string(), out = (folder / "out.png").string();
    expectSentence(program({"--screenshot", out, session}), "s.winnow' does not exist");
    const std::pair<std::string, const char*> kDamaged[] = {
        {R"({"format": 1})", "winnow-session"},
        {kBegin + R"(, "selection": {"zoom": [0, 100, 0, -1]}})", "'zoom'"},
        {kBegin + "}", "names no recording"},
        {kBegin + R"(, "trace": {"relative": "T.h5", "absolute": "/nowhere/T.h5"}})", "T.h5' of this session is not there"},
    };
    for (const auto& [text, word] : kDamaged) {
        writeText(session, text);
        expectSentence(program({"--screenshot", out, session}), word);
    }
    writeText(folder / "T.h5", "no recording");
    writeText(session, kBegin + R"(, "trace": {"relative": "T.h5", "absolute": ""}})");
    expectSentence(program({"--screenshot", out, session}), "T.h5");
    EXPECT_FALSE(fs::exists(out));
}

TEST(ScreenshotOfASession, leavesNoSessionBehind)
{
    if (program({"--screenshot"}).err.find("without its window") != std::string::npos)
        GTEST_SKIP() << "built without the window";
    const ScratchFolder folder;
    const std::string state = (folder / "state").string(), out = (folder / "out.png").string();
    setenv("XDG_STATE_HOME", state.c_str(), 1);
    const Outcome run = program({"--screenshot", out, demoTrace().string()});
    unsetenv("XDG_STATE_HOME");
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(fs::exists(out));
    EXPECT_FALSE(fs::exists(state));
}

TEST(ScreenshotOfASession, movesThroughWhatTheWindowDoes)
{
    if (program({"--screenshot"}).err.find("without its window") != std::string::npos)
        GTEST_SKIP() << "built without the window";
    const ScratchFolder folder;
    const std::string out = (folder / "out.gif").string();
    const Outcome run =
        program({"--screenshot", out, "--size", "700x500", "--do", "step=0-40:20,difference", demoTrace().string()});
    ASSERT_EQ(run.code, 0) << run.err;
    const std::string gif = readFile(out);
    EXPECT_EQ(gif.substr(0, 6), "GIF89a");
    int frames = 0; // each has a control block
    for (std::size_t at = gif.find("\x21\xF9\x04"); at != std::string::npos; at = gif.find("\x21\xF9\x04", at + 1))
        ++frames;
    EXPECT_GE(frames, 4) << "steps 0, 20 and 40, and the difference";
}

TEST(ScreenshotOfASession, isNotWrittenAfterWhatTheWindowCannotDo)
{
    if (program({"--screenshot"}).err.find("without its window") != std::string::npos)
        GTEST_SKIP() << "built without the window";
    const ScratchFolder folder;
    const std::string out = (folder / "out.png").string(), moving = (folder / "out.gif").string(), trace = demoTrace().string();
    const auto expectWrong = [](const std::vector<std::string>& line, const std::string& says) {
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << says;
        EXPECT_THAT(run.err, HasSubstr(says));
        EXPECT_FALSE(fs::exists(line[1]));
    };
    expectWrong({"--screenshot", out, "--tab", "6", trace}, "--tab takes a number from 0 to 5, not '6'");
    expectWrong({"--screenshot", out, "--do", "nosuch", trace}, "there is no action 'nosuch'");
    expectWrong({"--screenshot", moving, "--do", "step=0,token=99999", trace}, "--do token=99999 takes a number from 0 to ");
}

TEST(ScreenshotOfASession, isWrittenOnlyWhereAPictureMayBe)
{
    if (program({"--screenshot"}).err.find("without its window") != std::string::npos)
        GTEST_SKIP() << "built without the window";
    const ScratchFolder folder;
    const auto refused = [&](const std::string& out, const std::string& word, int code) {
        const Outcome run = program({"--screenshot", out, demoTrace().string()});
        EXPECT_EQ(run.code, code) << out << run.err;
        EXPECT_THAT(run.err, testing::HasSubstr(word));
    };
    const std::string foreign = (folder / "photo.png").string(), trace = readFile(demoTrace());
    writeText(foreign, "\x89PNG, somebody's");
    refused(foreign, "photo.png", 1);
    EXPECT_EQ(readFile(foreign), "\x89PNG, somebody's");
    refused((folder / "out.jpg").string(), ".png", 2);
    refused("/dev/null", ".png", 2);
    fs::create_symlink(demoTrace(), folder / "link.png");
    refused((folder / "link.png").string(), "link.png", 1);
    EXPECT_TRUE(readFile(demoTrace()) == trace);
    refused((folder / "absent" / "out.png").string(), "absent", 1);
}
