// SPDX-License-Identifier: GPL-3.0-or-later
// The n-th allocation, the n-th change of a file fails, or the program is killed at it: what was there before is still there,
// what was half made is gone, and one sentence says why. The n are samples here; for every K-th of them:
//     LD_PRELOAD=$PWD/build/app/libwinnow_faults.so WINNOW_CAMPAIGN=K build/test_cli --gtest_filter='*Faults*'
// (K = 1: hours). Commands are then forked from the test, not started, but for figures that are drawn.
#include "tests/cli/forked_command.h"
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

using namespace winnow::test;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

/// A command that replaces a file.
struct Job {
    std::string name;      ///< for the test's own name
    Words line;            ///< TRACE, TEXT, REPLAY, SESSION, MODEL and OUT stand for paths
    std::string out;       ///< file name
    bool sameBytes = true; ///< two runs write the same bytes
    /// Drawn by Qt and QCustomPlot. These do not stand a failed allocation: the program may crash in them, or leak. Files must
    /// be unharmed all the same.
    bool drawn = false;
};

std::vector<Job> jobs()
{
    const Words replay{"replay", "TRACE", "--policy", "tova:budget=32", "--layers", "0-0", "--out", "OUT"};
    const Words figure{"figure", "mass", "REPLAY", "--out", "OUT"};
    return {
        {"record", {"record", "--model", "MODEL", "--text", "TEXT", "--tokens", "24", "--out", "OUT"}, "T.h5", false},
        {"replayToHdf5", replay, "R.h5", false},
        {"replayToNpz", replay, "R.npz"},
        {"replayToCsv", replay, "R.csv"},
        {"figureAsSvg", figure, "F.svg", true, true},
        {"figureAsPdf", figure, "F.pdf", false, true},
        {"figureAsPng", figure, "F.png", true, true},
        {"figureAsCsv", figure, "F.csv"},
        {"figureAsNpz", figure, "F.npz"},
        {"generate", {"generate", "--model", "MODEL", "--prompt", "Once", "--tokens", "8", "--out", "OUT"}, "G.h5", false},
        {"wavelet", {"wavelet", "TRACE", "--levels", "3", "--out", "OUT"}, "W.npz"},
        {"attention", {"attention", "TRACE", "--layer", "0", "--head", "1", "--out", "OUT"}, "A.npz"},
    };
}

std::ostream& operator<<(std::ostream& out, const Job& job) { return out << job.name; }

struct Counts {
    std::int64_t allocations = 0, changes = 0, living = 0;
};

constexpr std::int64_t kClosing =
    6; ///< changes of a file with which a command ends: it is marked whole, pushed to the disk, renamed

/// The K of a campaign; 0 = none.
std::int64_t stride()
{
    const char* campaign = std::getenv("WINNOW_CAMPAIGN");
    return campaign ? std::atoll(campaign) : 0;
}

/// 1, 2, 3, 5, 8, … up to `most`, and the `last` numbers of all; every K-th number in a campaign.
std::vector<std::int64_t> samples(std::int64_t most, double growth, std::int64_t last = 1)
{
    std::vector<std::int64_t> chosen;
    for (std::int64_t n = 1; n <= most;
         n = stride() > 0 ? n + stride() : std::max(n + 1, static_cast<std::int64_t>(static_cast<double>(n) * growth)))
        chosen.push_back(n);
    if (stride() == 0)
        for (std::int64_t n = std::max<std::int64_t>(1, most - last + 1); n <= most; ++n)
            if (!chosen.empty() && chosen.back() < n)
                chosen.push_back(n);
    return chosen;
}

class Faults : public testing::TestWithParam<Job> {
protected:
    void SetUp() override
    {
        writeText(folder / "prose.txt", prose(40));
        fs::copy_file(demoTrace(), folder / "T200.h5");
        fs::create_directory(folder / "out");
        const Outcome replayed = run({"replay", "TRACE", "--policy", "h2o:budget=32", "--layers", "0-0", "--out", "REPLAY"});
        ASSERT_EQ(replayed.code, 0) << replayed.err;
        const Outcome first = run(GetParam().line, {{"WINNOW_FAIL_NEW", "0"}});
        ASSERT_EQ(first.code, 0) << first.err;
        counts = counted();
        ASSERT_GT(counts.allocations, 1000);
        ASSERT_GT(counts.changes, 0);
        whole = readFile(out());
        makeOld();
    }

    fs::path out() const { return folder / "out" / GetParam().out; }

    Outcome run(const Words& line, std::vector<std::pair<std::string, std::string>> environment = {}) const
    {
        const std::map<std::string, std::string> paths{{"TRACE", (folder / "T200.h5").string()},
                                                       {"TEXT", (folder / "prose.txt").string()},
                                                       {"REPLAY", (folder / "R0.npz").string()},
                                                       {"MODEL", demoFolder()},
                                                       {"OUT", out().string()}};
        Words words;
        for (const std::string& word : line)
            words.push_back(paths.contains(word) ? paths.at(word) : word);
        if (!environment.empty()) {
            environment.emplace_back("LD_PRELOAD", WINNOW_FAULTS);
            environment.emplace_back("WINNOW_COUNTS", (folder / "counts").string());
        }
        environment.emplace_back("OMP_NUM_THREADS", "1");
        if (stride() > 0 && !GetParam().drawn) {
            const int code = forkedCommand(words, {.errors = folder / "errors", .environment = environment}).code;
            return {.code = code, .err = readFile(folder / "errors")};
        }
        return program(words, {.environment = std::move(environment)});
    }

    /// What the last run that was not killed counted.
    Counts counted() const
    {
        Counts read;
        std::istringstream(readFile(folder / "counts")) >> read.allocations >> read.changes >> read.living;
        return read;
    }

    /// What OUT holds before each try: what the command wrote, and one byte more, so that old and new differ.
    void makeOld()
    {
        old = whole + ' ';
        writeText(out(), old);
    }

    Words filesThere() const
    {
        Words names;
        for (const auto& entry : fs::directory_iterator(folder / "out"))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }

    /// OUT is all that the command writes: a fault after the file is in place, while its name is printed, finds it so.
    bool isWhole() const
    {
        const std::string now = readFile(out());
        if (GetParam().sameBytes)
            return now == whole;
        return GetParam().drawn ? now != old && now.find("%%EOF") != std::string::npos : run({"info", "OUT"}).code == 0;
    }

    /// After a try: either done, and OUT is whole, or one sentence, and OUT is what it was.
    void expectUnharmed(const Outcome& tried, const std::string& reason)
    {
        EXPECT_THAT(filesThere(), testing::ElementsAre(GetParam().out));
        if (!GetParam().drawn) {
            EXPECT_LE(counted().living, counts.living) << "something leaked";
        }
        if (tried.code == 0) {
            EXPECT_TRUE(isWhole());
        } else if (GetParam().drawn && tried.code == 128 + SIGSEGV) {
            EXPECT_TRUE(readFile(out()) == old);
        } else {
            EXPECT_EQ(tried.code, 1) << tried.err;
            EXPECT_TRUE(tried.err.starts_with("winnow: ")) << tried.err;
            EXPECT_EQ(std::count(tried.err.begin(), tried.err.end(), '\n'), 1) << tried.err;
            EXPECT_THAT(tried.err, HasSubstr(reason));
            EXPECT_THAT(tried.err, Not(HasSubstr("bad_alloc")));
            EXPECT_TRUE(readFile(out()) == old || isWhole()) << "neither the old file nor the new one";
        }
        makeOld();
    }

    ScratchFolder folder;
    Counts counts; ///< of the command that nothing disturbs
    std::string whole, old;
};

TEST_P(Faults, anAllocationThatFailsLosesNothing)
{
    for (const std::int64_t n : samples(counts.allocations, 3)) {
        SCOPED_TRACE(n);
        expectUnharmed(run(GetParam().line, {{"WINNOW_FAIL_NEW", std::to_string(n)}}), "memory");
    }
}

TEST_P(Faults, aFullDiskLosesNothing)
{
    for (const std::int64_t n : samples(counts.changes, 1.6, kClosing)) {
        SCOPED_TRACE(n);
        expectUnharmed(run(GetParam().line, {{"WINNOW_FAIL_WRITE", std::to_string(n)}}), "the disk is full");
    }
}

TEST_P(Faults, killedAtAnyWriteItLeavesTheOldFileOrTheNewOne)
{
    for (const std::int64_t n : samples(counts.changes, 1.6, kClosing)) {
        SCOPED_TRACE(n);
        const Outcome tried = run(GetParam().line, {{"WINNOW_KILL_WRITE", std::to_string(n)}});
        EXPECT_EQ(tried.code, 128 + SIGKILL) << tried.err;
        EXPECT_TRUE(readFile(out()) == old || !GetParam().sameBytes || readFile(out()) == whole);
        const Outcome next = run(GetParam().line); // which sweeps up behind the dead one
        EXPECT_EQ(next.code, 0) << next.err;
        EXPECT_THAT(filesThere(), testing::ElementsAre(GetParam().out));
        makeOld();
    }
}

INSTANTIATE_TEST_SUITE_P(Commands, Faults, testing::ValuesIn(jobs()), [](const auto& info) { return info.param.name; });

} // namespace
