// The lines of design.md, section 12, as they are written there.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(Commands, recordWritesATraceAndSaysItsSizeFirst)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(60));
    const fs::path out = folder / "T.h5";
    const Outcome run = program({"record", "--model", demoFolder(), "--text", (folder / "prose.txt").string(), "--tokens", "40", "--layers", "1-3",
                            "--dtype", "float32", "--device", "cpu", "--out", out.string()});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    EXPECT_THAT(run.out, HasSubstr("recording 40 tokens: "));
    EXPECT_TRUE(fs::exists(out));
    const Outcome info = program({"info", out.string()});
    EXPECT_THAT(info.out, HasSubstr("3 (1 to 3)"));
}

TEST(Commands, recordReadsStandardInput)
{
    const ScratchFolder folder;
    const Outcome run = program({"record", "--model", demoFolder(), "--text", "-", "--out", (folder / "T.h5").string()}, {.input = prose(30)});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(fs::exists(folder / "T.h5"));
}

TEST(Commands, replayWritesEveryLayoutAndItsCsvHasTheColumnsOfTheDesign)
{
    const ScratchFolder folder;
    for (const std::string kind : {"h5", "npz", "csv"}) {
        const fs::path out = folder / ("R." + kind);
        const Outcome run = program({"replay", demoTrace().string(), "--policy", "h2o:budget=32", "--policy", "treekv:budget=32,sinks=2", "--prompt",
                                "100", "--layers", "0-2", "--device", "cpu", "--out", out.string()});
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_EQ(run.err, "");
        EXPECT_TRUE(fs::exists(out));
        EXPECT_THAT(run.out, HasSubstr("treekv"));
    }
    const std::string csv = readFile(folder / "R.csv");
    EXPECT_EQ(csv.front(), '#');
    EXPECT_THAT(csv, HasSubstr("\npolicy,layer,step,mass,error,occupancy\n"));
    const Outcome info = program({"info", (folder / "R.npz").string()});
    EXPECT_EQ(info.code, 0) << info.err;
    EXPECT_THAT(info.out, HasSubstr("h2o:budget=32"));
}

TEST(Commands, policiesListsTheCatalogAndTellsAboutOne)
{
    const Outcome all = program({"policies"});
    EXPECT_EQ(all.code, 0);
    for (const char* name : {"full", "window", "streaming", "h2o", "tova", "snapkv", "pyramidkv", "treekv", "random"})
        EXPECT_THAT(all.out, HasSubstr(std::string(name) + " ")) << name;
    const Outcome one = program({"policies", "treekv"});
    EXPECT_EQ(one.code, 0);
    for (const char* word : {"budget", "sinks", "recent", "next", "keep", "paper", "treekv:budget=128"})
        EXPECT_THAT(one.out, HasSubstr(word));
}

TEST(Commands, waveletAttentionAndFiguresWriteNumbersAndPictures)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"replay", trace, "--policy", "tova:budget=25%", "--policy", "streaming:budget=40", "--out", replay}).code, 0);
    std::vector<std::string> kinds{"csv", "npz"};
    if (program({"--screenshot"}).err.find("without its window") == std::string::npos)
        kinds.insert(kinds.end(), {"svg", "pdf", "png"});
    const auto expectWritten = [&](std::vector<std::string> line, const std::string& name) {
        line.push_back("--out");
        line.push_back((folder / name).string());
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 0) << name << ": " << run.err;
        EXPECT_GT(fs::exists(folder / name) ? fs::file_size(folder / name) : 0, 100u) << name;
    };
    for (const std::string& kind : kinds) {
        expectWritten({"wavelet", trace, "--step", "150", "--wavelet", "db2", "--mode", "symmetric", "--levels", "4", "--hide", "8"}, "W." + kind);
        expectWritten({"attention", trace, "--layer", "2", "--head", "3", "--queries", "10-90", "--keys", "0-90"}, "A." + kind);
        expectWritten({"figure", "mass", replay}, "mass." + kind);
    }
    expectWritten({"figure", "treekv-2", trace}, "treekv-2.csv");
    expectWritten({"figure", "retention", replay, "--policies", "1,2", "--lanes", "0.1,2.3"}, "retention.npz");
    expectWritten({"figure", "distance", replay}, "distance.csv");
}

TEST(Commands, figureListNamesEveryFigure)
{
    const Outcome run = program({"figure", "--list"});
    EXPECT_EQ(run.code, 0);
    for (const char* name : {"treekv-2", "wavelet", "attention", "retention", "mass", "distance"})
        EXPECT_THAT(run.out, HasSubstr(name));
}

TEST(Commands, infoTellsWhatAModelHolds)
{
    const Outcome run = program({"info", demoFolder()});
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.out, HasSubstr("model folder"));
    EXPECT_THAT(run.out, HasSubstr("num_hidden_layers  6"));
}

TEST(Commands, helpAndVersionEndWell)
{
    EXPECT_EQ(program({"--help"}).code, 0);
    EXPECT_THAT(program({"--version"}).out, HasSubstr("winnow 0."));
    for (const char* command : {"record", "replay", "policies", "wavelet", "attention", "figure", "info", "demo"}) {
        const Outcome run = program({command, "--help"});
        EXPECT_EQ(run.code, 0);
        EXPECT_THAT(run.out, HasSubstr("winnow")) << command;
    }
}

TEST(Commands, aWrongLineNamesTheNearestRightWordAndEndsWith2)
{
    const auto expectWrong = [](const std::vector<std::string>& line, const std::string& says) {
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_THAT(run.err, HasSubstr(says));
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        EXPECT_EQ(run.out, "");
    };
    expectWrong({"recrod"}, "did you mean 'winnow record'?");
    expectWrong({"replay", "T.h5", "--polcy", "h2o", "--out", "R.h5"}, "did you mean '--policy'?");
    expectWrong({"replay", "T.h5", "--policy", "h2o"}, "--out");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--out", "R.txt"}, ".h5, .npz or .csv");
    expectWrong({"attention", "T.h5", "--layer", "1", "--head", "0", "--queries", "9-3", "--out", "A.npz"}, "a range like 0-5");
    expectWrong({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--dtype", "float23"}, "float23");
    expectWrong({"info", "a", "b"}, "no further argument 'b'");
}
