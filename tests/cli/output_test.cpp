// SPDX-License-Identifier: GPL-3.0-or-later
// What `--out` may be: nothing that is read, nothing that is no file, nothing that somebody else made.
#include "tests/cli/program.h"

#include "core/io/atomic_file.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/replay/replay_file.h"
#include "core/trace/trace.h"

#include <gmock/gmock.h>

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

using namespace winnow::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

namespace {

class Output : public testing::Test {
protected:
    ScratchFolder folder;
    using Words = std::vector<std::string>;

    std::string at(const std::string& name) const { return (folder / name).string(); }
    std::string text() const
    {
        writeText(folder / "prose.txt", prose(40));
        return at("prose.txt");
    }
    std::string trace() const
    {
        if (!fs::exists(folder / "T.h5"))
            fs::copy_file(demoTrace(), folder / "T.h5");
        return at("T.h5");
    }
    Words recordLine(const std::string& out, const std::string& from) const
    {
        return {"record", "--model", demoFolder(), "--text", from, "--out", out};
    }
    Words replayLine(const std::string& out, const std::string& policy = "tova:budget=32") const
    {
        return {"replay", trace(), "--policy", policy, "--layers", "0-0", "--out", out};
    }
    std::vector<std::string> names() const
    {
        std::vector<std::string> list;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
            list.push_back(entry.path().lexically_relative(folder.path()).string());
        std::ranges::sort(list);
        return list;
    }
    /// One sentence with these words, this exit code (2: the line was wrong), and every file as it was.
    void expectRefused(const Words& line, const Words& words, const RunOptions& options = {}, int code = 1) const
    {
        const auto before = contents();
        const Outcome run = program(line, options);
        EXPECT_EQ(run.code, code) << run.out << run.err;
        EXPECT_TRUE(run.err.starts_with(code == 1 ? "winnow: " : "winnow " + line.front() + ": ")) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        for (const std::string& word : words)
            EXPECT_THAT(run.err, HasSubstr(word));
        EXPECT_EQ(contents(), before);
    }
    void expectDone(const Words& line) const
    {
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 0) << run.err;
        for (const std::string& name : names())
            EXPECT_THAT(name, Not(HasSubstr("part")));
    }

private:
    std::vector<std::pair<std::string, std::string>> contents() const
    {
        std::vector<std::pair<std::string, std::string>> all;
        for (const std::string& name : names())
            all.emplace_back(name, fs::is_regular_file(folder / name) ? readFile(folder / name) : "");
        return all;
    }
};

} // namespace

// --- inputs

TEST_F(Output, isNotTheRecordingByAnyName)
{
    const std::string input = trace();
    fs::create_symlink("T.h5", folder / "soft.h5");
    fs::create_hard_link(folder / "T.h5", folder / "hard.npz");
    fs::create_directory_symlink(folder.path(), folder / "again");
    for (const char* name : {"T.h5", "./T.h5", "soft.h5", "hard.npz", "again/T.h5"})
        expectRefused(replayLine(at(name)), {name, "which is read"});
    expectRefused({"wavelet", input, "--out", at("hard.npz")}, {"which is read"});
    expectRefused({"attention", input, "--layer", "0", "--head", "0", "--out", at("hard.npz")}, {"which is read"});
    fs::create_hard_link(folder / "T.h5", folder / "hard.svg");
    expectRefused({"figure", "treekv-2", input, "--out", at("hard.svg")}, {"which is read"});
}

TEST_F(Output, isNotWhatARecordingIsMadeFrom)
{
    writeText(folder / "text.h5", prose(40));
    expectRefused(recordLine(at("text.h5"), at("text.h5")), {"text.h5", "which is read"});
    fs::copy(demoFolder(), folder / "model");
    for (const char* file : {"model.safetensors", "config.json", "tokenizer.json"}) {
        fs::create_hard_link(folder / "model" / file, folder / "linked.h5");
        expectRefused({"record", "--model", at("model"), "--text", text(), "--out", at("linked.h5")},
                      {"linked.h5", file, "which is read"});
        expectRefused({"generate", "--model", at("model"), "--prompt", "a", "--out", at("linked.h5")},
                      {"linked.h5", file, "which is read"});
        fs::remove(folder / "linked.h5");
    }
    fs::copy_file(WINNOW_FIXTURES "/gguf/llama.gguf", folder / "llama.gguf");
    fs::create_symlink("llama.gguf", folder / "gguf.h5");
    expectRefused({"record", "--model", at("llama.gguf"), "--text", text(), "--out", at("gguf.h5")},
                  {"gguf.h5", "which is read"});
}

TEST_F(Output, isNotAPolicysScoresNorAJsonlNorAReplay)
{
    writeText(folder / "scores.csv", "{}");
    expectRefused(replayLine(at("scores.csv"), "headkv:budget=32,heads=" + at("scores.csv")), {"scores.csv", "which is read"});
    writeText(folder / "texts.csv", "\"a\"\n");
    expectRefused({"figure", "treekv-2", "--texts", at("texts.csv"), "--out", at("texts.csv")}, {"texts.csv", "which is read"});
    expectDone(replayLine(at("R.npz")));
    expectRefused({"compare", at("R.npz"), "--out", at("R.npz")}, {"R.npz", "which is read"});
    expectRefused({"figure", "mass", at("R.npz"), "--out", at("R.npz")}, {"R.npz", "which is read"});
}

TEST_F(Output, ofAnUnfinishedRecordingDoesNotGrowOverIt)
{
    fs::copy_file(demoTrace(), folder / "U.h5.part");
    const Outcome replayed =
        program({"replay", at("U.h5.part"), "--policy", "tova:budget=32", "--layers", "0-0", "--out", at("U.npz")});
    EXPECT_EQ(replayed.code, 0) << replayed.err;
    writeText(folder / "V.h5.part", prose(40));
    expectRefused(recordLine(at("V.h5"), at("V.h5.part")), {"V.h5.part", "which is read"});
}

// --- what is there already

TEST_F(Output, isARegularFile)
{
    ASSERT_EQ(mkfifo((folder / "fifo.npz").c_str(), 0600), 0);
    expectRefused(replayLine(at("fifo.npz")), {"fifo.npz", "a FIFO"});
    fs::create_symlink("/dev/null", folder / "null.csv");
    expectRefused(replayLine(at("null.csv")), {"null.csv", "a device"});
    struct stat status {};
    ASSERT_EQ(stat("/dev/null", &status), 0);
    EXPECT_TRUE(S_ISCHR(status.st_mode));
    EXPECT_EQ(program(replayLine("/dev/null")).code, 2) << "no extension that the command writes";
    EXPECT_EQ(program(recordLine(at("T.txt"), text())).code, 2);
    EXPECT_EQ(program({"generate", "--model", demoFolder(), "--prompt", "a", "--out", at("T.npz")}).code, 2);
}

TEST_F(Output, ofWinnowIsReplacedAndThatOfOthersIsNot)
{
    writeText(folder / "mine.csv", "a,b\n1,2\n");
    expectRefused(replayLine(at("mine.csv")), {"mine.csv", "there already", "move it away"});
    writeText(folder / "mine.png", "\x89PNG\r\n\x1a\n holiday");
    writeText(folder / "mine.pdf", "%PDF-1.7 my thesis");
    for (const char* name : {"mine.png", "mine.pdf"})
        expectRefused(
            {"attention", trace(), "--layer", "0", "--head", "0", "--keys", "0-20", "--queries", "0-20", "--out", at(name)},
            {name, "there already"});
    {
        auto other = winnow::Hdf5File::create(folder / "mine.h5");
        ASSERT_TRUE(other && other->makeGroup("/measurements") && other->close());
        winnow::NpzWriter npz(folder / "mine.npz");
        npz.addScalar("weights", 1.0);
        ASSERT_TRUE(npz.finish());
    }
    expectRefused(replayLine(at("mine.npz")), {"mine.npz", "there already"});
    expectRefused(replayLine(at("mine.h5")), {"mine.h5", "there already"});
    expectRefused(recordLine(at("mine.h5"), text()), {"mine.h5", "there already"});
    fs::copy_file(demoTrace(), folder / "other.h5");
    expectRefused(replayLine(at("other.h5")), {"other.h5", "is a recording, not a replay"});

    writeText(folder / "empty.csv", "");
    for (const char* name : {"R.h5", "R.npz", "R.csv", "empty.csv"}) {
        expectDone(replayLine(at(name)));
        expectDone(replayLine(at(name)));
    }
    expectRefused(recordLine(at("R.h5"), text()), {"R.h5", "is a replay, not a recording"});
    expectDone(recordLine(at("other.h5"), text()));
    std::vector<std::string> kinds{"csv", "npz"};
    if (program({"--screenshot"}).err.find("without its window") == std::string::npos)
        kinds.insert(kinds.end(), {"svg", "pdf", "png", "PNG"});
    for (const std::string& kind : kinds)
        for (int day = 0; day < 2; ++day)
            expectDone({"attention", trace(), "--layer", "0", "--head", "0", "--keys", "0-20", "--queries", "0-20", "--out",
                        at("F." + kind)});
    for (int day = 0; day < 2; ++day)
        expectDone({"compare", at("R.npz"), "--out", at("C.csv")});
}

TEST_F(Output, keepsModeAndLink)
{
    fs::create_directory(folder / "far");
    expectDone(replayLine(at("far/real.csv")));
    fs::permissions(folder / "far" / "real.csv", fs::perms(0600));
    fs::create_symlink("far/real.csv", folder / "link.csv");
    expectDone(replayLine(at("link.csv"), "tova:budget=40"));
    EXPECT_TRUE(fs::is_symlink(folder / "link.csv"));
    EXPECT_THAT(readFile(folder / "far" / "real.csv"), HasSubstr("budget=40"));
    EXPECT_EQ(fs::status(folder / "far" / "real.csv").permissions(), fs::perms(0600));
}

TEST_F(Output, mayHaveALongNameAndNoTwice)
{
    for (const char* kind : {"npz", "csv", "h5"})
        expectDone(replayLine(at(std::string(253 - std::string(kind).size() - 1, 'n') + "." + kind)));
    expectDone(recordLine(at(std::string(250, 'm') + ".h5"), text()));
    std::vector<std::string> twice = replayLine(at("R.npz"));
    twice.insert(twice.end(), {"--out", at("./R.npz")});
    expectRefused(twice, {"R.npz", "twice"}, {}, 2);
}

// --- writers

TEST_F(Output, ofTwoRecordingsToOneNameTheSecondIsRefused)
{
    writeText(folder / "long.txt", prose(6000));
    const fs::path part = folder / "T.h5.part";
    {
        const auto held = winnow::AtomicFile::claim(folder / "T.h5");
        ASSERT_TRUE(held);
        expectRefused(recordLine(at("T.h5"), at("long.txt")),
                      {"T.h5", "recorded already", "process " + std::to_string(getpid()), "T.h5.part"});
        expectRefused({"generate", "--model", demoFolder(), "--prompt", "a", "--out", at("T.h5")}, {"recorded already"});
    }
    EXPECT_FALSE(fs::exists(part));
    const RunOptions stop{.interruptAfterMs = 1, .interruptWhen = "recording"};
    EXPECT_EQ(program(recordLine(at("T.h5"), at("long.txt")), stop).code, 130) << "the name is free again";
    EXPECT_FALSE(fs::exists(part));
}

TEST_F(Output, anUnfinishedRecordingIsReplacedOnlyAfterSayingSo)
{
    fs::copy_file(demoTrace(), folder / "N.h5.part");
    expectRefused({"record", "--model", at("nowhere"), "--text", text(), "--out", at("N.h5")}, {"nowhere"}); // it is still there
    const Outcome run = program(recordLine(at("N.h5"), text()));
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("warning: "),
                               HasSubstr("N.h5.part' holds the first 200 tokens of a recording that was cut short")));
    EXPECT_FALSE(fs::exists(folder / "N.h5.part"));
    EXPECT_TRUE(winnow::Trace::open(folder / "N.h5").value()->info().complete);
}

TEST_F(Output, aFileInTheWayOfARecordingIsLeftAlone)
{
    writeText(folder / "N.h5.part", "half a download");
    expectRefused(recordLine(at("N.h5"), text()), {"N.h5.part", "in the way"});
    fs::remove(folder / "N.h5.part");
    writeText(folder / "victim", "theirs");
    fs::create_symlink("victim", folder / "N.h5.part");
    expectRefused(recordLine(at("N.h5"), text()), {"N.h5.part", "in the way"});
}

TEST_F(Output, whateverWriteFailsTheOldFileIsWholeAndNothingIsLeft)
{
    const auto failing = [&](const Words& line, const std::string& out) {
        const Outcome first = program(line);
        ASSERT_EQ(first.code, 0) << first.err;
        const std::string old = readFile(out);
        const std::uint64_t size = old.size();
        int refused = 0;
        for (std::uint64_t most = 1; most < size; most += std::max<std::uint64_t>(1, size / 9)) {
            const Outcome run = program(line, {.mostFileBytes = most});
            EXPECT_EQ(run.code, 1) << most << " of " << size << " bytes: " << run.out << run.err;
            EXPECT_TRUE(run.err.starts_with("winnow: ")) << run.err;
            EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
            EXPECT_EQ(readFile(out), old);
            refused += run.code == 1 ? 1 : 0;
            for (const std::string& name : names())
                EXPECT_THAT(name, Not(HasSubstr("part"))) << most;
        }
        EXPECT_GE(refused, 9);
        EXPECT_EQ(program(line, {.mostFileBytes = 2 * size}).code, 0);
    };
    for (const char* kind : {"npz", "h5", "csv"})
        failing(replayLine(at(std::string("R.") + kind)), at(std::string("R.") + kind));
    failing({"record", "--model", demoFolder(), "--text", text(), "--tokens", "40", "--layers", "0-0", "--out", at("N.h5")},
            at("N.h5"));
}

// --- standard output

TEST_F(Output, aFullStandardOutputIsAnErrorAndAClosedPipeIsNone)
{
    const std::string model = demoFolder();
    const std::vector<Words> lines{{"--help"},
                                   {"--version"},
                                   {"policies"},
                                   {"info", model},
                                   {"figure", "--list"},
                                   replayLine(at("R.npz")),
                                   {"tokenize", "--model", model, "--text", text()},
                                   {"record", "--help"}};
    for (const Words& line : lines) {
        const Outcome full = program(line, {.output = "/dev/full"});
        EXPECT_EQ(full.code, 1) << line.front();
        EXPECT_THAT(full.err, AllOf(testing::StartsWith("winnow: standard output"), HasSubstr("No space left"))) << line.front();
        const Outcome head = program(line, {.output = "head"});
        EXPECT_EQ(head.code, 0) << line.front();
        EXPECT_EQ(head.err, "") << line.front();
        const Outcome closed = program(line, {.output = "closed"});
        EXPECT_EQ(closed.code, 1) << line.front();
        EXPECT_THAT(closed.err, testing::StartsWith("winnow: standard output")) << line.front();
    }
    EXPECT_TRUE(winnow::readReplay(folder / "R.npz")) << "nothing that was printed went into it";
}
