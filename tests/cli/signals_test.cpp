// SPDX-License-Identifier: GPL-3.0-or-later
// What ends a program early, and texts without end: always a sentence or an exit code, and nothing left half.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace winnow::test;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

/// Feeds a FIFO with zeros until nobody reads it any more.
class Endless {
public:
    explicit Endless(const fs::path& fifo)
    {
        EXPECT_EQ(mkfifo(fifo.c_str(), 0600), 0);
        m_feeder = std::thread([fifo] {
            const int out = open(fifo.c_str(), O_WRONLY);
            const std::string words = prose(10000);
            while (write(out, words.data(), words.size()) > 0) {
            }
            close(out);
        });
    }
    ~Endless() { m_feeder.join(); }

private:
    std::thread m_feeder;
};

void expectSentence(const Outcome& run, const std::string& words)
{
    EXPECT_EQ(run.code, 1) << run.out << run.err;
    EXPECT_TRUE(run.err.starts_with("winnow: ")) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_THAT(run.err, HasSubstr(words));
}

} // namespace

TEST(Signals, thatEndTheProgramLeaveNothingHalf)
{
    const ScratchFolder folder;
    writeText(folder / "long.txt", prose(6000));
    const std::string out = (folder / "out.h5").string();
    for (const int signal : {SIGHUP, SIGTERM, SIGXCPU}) {
        const Outcome run = program({"record", "--model", demoFolder(), "--text", (folder / "long.txt").string(), "--out", out},
                                    {.interruptAfterMs = 200, .interruptWhen = "recording", .signal = signal});
        EXPECT_EQ(run.code, 130) << signal << run.out << run.err;
        EXPECT_FALSE(fs::exists(out) || fs::exists(out + ".part")) << signal;
    }
}

/// While Torch loads, before the command line is read. When that is depends on the machine, so several moments are tried.
TEST(Signals, endAProgramThatHasNotBegunInASentence)
{
    int early = 0;
    for (int wait = 20; wait <= 1280 && early == 0; wait *= 2) {
        const Outcome run = program({"--version"}, {.interruptAfterMs = wait, .signal = SIGTERM});
        if (run.err == "winnow: stopped before it began\n") {
            EXPECT_EQ(run.code, 130);
            ++early;
        }
    }
    EXPECT_EQ(early, 1);
}

TEST(Signals, stopAProgramThatWaitsForItsText)
{
    const ScratchFolder folder;
    ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
    const Outcome run =
        program({"record", "--model", demoFolder(), "--text", (folder / "fifo").string(), "--out", (folder / "out.h5").string()},
                {.interruptAfterMs = 3000}); // nobody ever writes
    EXPECT_EQ(run.code, 130) << run.err;
    EXPECT_FALSE(fs::exists(folder / "out.h5.part"));
}

TEST(Texts, withoutEndEndInASentence)
{
    const ScratchFolder folder;
    const std::string out = (folder / "out.h5").string(), fifo = (folder / "fifo").string();
    const auto record = [&](const std::string& text, std::vector<std::string> more = {}) {
        std::vector<std::string> line{"record", "--model", demoFolder(), "--text", text, "--layers", "0-0", "--out", out};
        line.insert(line.end(), more.begin(), more.end());
        return program(line);
    };
    expectSentence(record("/dev/zero"), "'/dev/zero' is a device and no text");
    expectSentence(record("/dev/zero", {"--tokens", "10"}), "is a device and no text");
    expectSentence(program({"info", "/dev/zero"}), "'/dev/zero' is a device");
    {
        const Endless words(fifo);
        expectSentence(record(fifo), "has no end, or more than the 268.4 MB");
    }
    fs::remove(fifo);
    {
        const Endless words(fifo);
        const Outcome run = record(fifo, {"--tokens", "30"});
        EXPECT_EQ(run.code, 0) << run.err;
        EXPECT_THAT(run.out, HasSubstr("out.h5: 30 tokens"));
    }
    EXPECT_FALSE(fs::exists(out + ".part"));
}

TEST(Texts, ofGreatLengthAreNotReadWholeForAFewTokens)
{
    const ScratchFolder folder;
    const std::string text = (folder / "book.txt").string(), out = (folder / "out.h5").string(),
                      start = (folder / "start.txt").string();
    const std::string words = prose(20000);
    writeText(start, words);
    {
        std::string book;
        for (int i = 0; i < 1000; ++i)
            book += words;
        ASSERT_GT(book.size(), 90'000'000U);
        writeText(text, book);
    }
    const auto tokens = [&](const std::string& from) {
        const Outcome run =
            program({"record", "--model", demoFolder(), "--text", from, "--tokens", "100", "--layers", "0-0", "--out", out});
        EXPECT_EQ(run.code, 0) << run.err;
        return program({"info", out}).out;
    };
    const auto begun = std::chrono::steady_clock::now();
    const std::string ofBook = tokens(text);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
    const auto loss = [](const std::string& info) { return info.substr(info.find("loss"), 60); };
    EXPECT_EQ(loss(ofBook), loss(tokens(start)));
}

TEST(Texts, ofOneTokenAndOneTokenOfATextAreTreatedAlike)
{
    const ScratchFolder folder;
    const std::string out = (folder / "out.h5").string();
    const auto record = [&](const std::string& text, std::vector<std::string> more) {
        std::vector<std::string> line{"record", "--model", demoFolder(), "--text", "-", "--out", out};
        line.insert(line.end(), more.begin(), more.end());
        return program(line, {.input = text});
    };
    expectSentence(record("a", {}), "attention needs two or more");
    expectSentence(record("the old house", {"--tokens", "1"}), "attention needs two or more");
    EXPECT_FALSE(fs::exists(out) || fs::exists(out + ".part"));
}

TEST(Lines, endTheirOptionsWithTwoDashes)
{
    const ScratchFolder folder;
    fs::copy_file(demoTrace(), folder / "-odd.h5");
    const std::string odd = (folder / "-odd.h5").string();
    EXPECT_EQ(program({"info", "--", odd}).code, 0);
    EXPECT_EQ(program({"info", "--tokens", "5", "--", odd}).code, 0);
    EXPECT_EQ(program({"--", "info", odd}).code, 0);
    const Outcome missing = program({"info", "--", "-nothing.h5"});
    EXPECT_EQ(missing.code, 1) << missing.err;
    EXPECT_THAT(missing.err, HasSubstr("-nothing.h5' does not exist"));
    const Outcome options = program({"replay", odd, "--policy", "tova:budget=32", "--", "--out", (folder / "R.npz").string()});
    EXPECT_EQ(options.code, 2) << "no options any more";
    EXPECT_EQ(
        program({"replay", "--policy", "tova:budget=32", "--layers", "0-0", "--out", (folder / "R.npz").string(), "--", odd})
            .code,
        0);
    EXPECT_EQ(program({"policies", "--", "tova"}).code, 0);
    EXPECT_EQ(program({"info", "--", odd, "more"}).code, 2);
}

TEST(Lines, echoNothingThatMovesATerminal)
{
    const ScratchFolder folder;
    const auto clean = [](const Outcome& run) {
        for (const std::string& text : {run.out, run.err})
            EXPECT_TRUE(std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 || c == '\n' || c == '\t'; })) << text;
        EXPECT_LT(run.err.size(), 2000U);
        return run;
    };
    const std::string escape = "\x1b]0;title\x07";
    EXPECT_THAT(clean(program({"info", "no" + escape})).err, HasSubstr("no\\x1b]0;title\\x07"));
    clean(program({"policies", escape}));
    clean(program({"replay", "T.h5", "--policy", escape, "--out", "R.h5"}));
    clean(program({"replay", "T.h5", "--" + escape, "--out", "R.h5"}));
    clean(program({"info", std::string(5000, 'x')}));
    clean(program({escape}));
    writeText(folder / "text.txt", "the sea" + escape + " and the river");
    EXPECT_THAT(clean(program({"tokenize", "--model", demoFolder(), "--text", (folder / "text.txt").string()})).out,
                HasSubstr("\\x1b"));
    std::string session = R"({"format": "winnow-session", "policies": ["full"], "model_name": "\u001b[2J\nzwei", "text_name": ")";
    session.append(4000, 'y').append("\"}");
    writeText(folder / "s.winnow", session);
    const Outcome info = clean(program({"info", (folder / "s.winnow").string()}));
    EXPECT_EQ(info.code, 0) << info.err;
    EXPECT_THAT(info.out, AllOf(HasSubstr("\\x1b[2J\\nzwei"), HasSubstr("[…]")));
    EXPECT_THAT(program({"info", "日本語.h5"}).err, HasSubstr("日本語.h5"));
}

TEST(Lines, thatAreWrongAreToldInWordsOfOurOwn)
{
    const auto sentence = [](const std::vector<std::string>& line) {
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        return run.err;
    };
    EXPECT_THAT(sentence({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--tokens", "many"}),
                HasSubstr("--tokens takes a number above 0, not 'many'"));
    EXPECT_THAT(sentence({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--tokens"}),
                HasSubstr("--tokens needs a value"));
    EXPECT_THAT(sentence({"record", "--model", "m", "--text", "t"}), HasSubstr("winnow record: --out is missing"));
    EXPECT_THAT(sentence({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--dtype", "f8"}),
                HasSubstr("--dtype is one of float32, bfloat16, float16, not 'f8'"));
    EXPECT_THAT(sentence({"generate", "--model", "m"}), HasSubstr("one of --prompt, --text and --trace is needed"));
    EXPECT_THAT(sentence({"generate", "--model", "m", "--prompt", "p", "--top-p", "3"}),
                HasSubstr("--top-p takes a number from 0 to 1, not '3'"));
    EXPECT_THAT(sentence({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--system", "s"}),
                HasSubstr("--system needs --chat"));
}
