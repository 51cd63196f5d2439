// SPDX-License-Identifier: GPL-3.0-or-later
// The commands as users type them: recordings, and what is made of them.
#include "tests/cli/program.h"

#include "core/io/npz.h"
#include "core/replay/replay_file.h"
#include "core/trace/trace.h"
#include "tests/support/plain_overlap.h"

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
    const Outcome run = program({"record", "--model", demoFolder(), "--text", (folder / "prose.txt").string(), "--tokens", "40",
                                 "--layers", "1-3", "--dtype", "float32", "--device", "cpu", "--out", out.string()});
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
    const Outcome run =
        program({"record", "--model", demoFolder(), "--text", "-", "--out", (folder / "T.h5").string()}, {.input = prose(30)});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(fs::exists(folder / "T.h5"));
}

TEST(Commands, replayTakesLayersWithCommasBetween)
{
    const ScratchFolder folder;
    const std::string out = (folder / "R.npz").string(), trace = demoTrace().string();
    const auto replayed = [&](const std::string& layers) {
        return program({"replay", trace, "--policy", "h2o:budget=32", "--layers", layers, "--device", "cpu", "--out", out});
    };
    ASSERT_EQ(replayed("5,0-1,3").code, 0);
    const auto result = winnow::readReplay(out);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ((*result)->layers, (std::vector{winnow::Layer{0}, winnow::Layer{1}, winnow::Layer{3}, winnow::Layer{5}}));
    const Outcome gone = replayed("1,9");
    EXPECT_EQ(gone.code, 2);
    EXPECT_THAT(gone.err, HasSubstr("does not hold layer 9"));
    EXPECT_EQ(replayed("1,").code, 2);
    EXPECT_EQ(replayed("3-1,4").code, 2);
}

TEST(Commands, replayWritesEveryLayoutAndItsCsvHasTheColumnsOfTheDesign)
{
    const ScratchFolder folder;
    for (const std::string kind : {"h5", "npz", "csv"}) {
        const fs::path out = folder / ("R." + kind);
        const Outcome run =
            program({"replay", demoTrace().string(), "--policy", "h2o:budget=32", "--policy", "treekv:budget=32,sinks=2",
                     "--prompt", "100", "--layers", "0-2", "--device", "cpu", "--out", out.string()});
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

TEST(Commands, recordStoresHowFarValuesReachThroughTheOutputProjection)
{
    const auto trace = winnow::Trace::open(demoTrace());
    ASSERT_TRUE(trace) << trace.error().message;
    for (const winnow::LayerInfo& layer : (*trace)->info().layerInfo)
        EXPECT_TRUE(layer.hasValueOutputNorm);
}

TEST(Commands, replayTakesEveryPolicyWithoutABudgetThroughAllOfThem)
{
    const ScratchFolder folder;
    const std::string out = (folder / "R.npz").string();
    const Outcome run =
        program({"replay", "--budget", "24,48,20%", demoTrace().string(), "--policy", "full", "--policy", "tova", "--policy",
                 "streaming:budget=40", "--policy", "treekv:sinks=2", "--layers", "0-1", "--out", out});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    const auto replay = winnow::readReplay(out);
    ASSERT_TRUE(replay) << replay.error().message;
    std::vector<std::string> lines;
    std::vector<int> slots;
    for (const auto& policy : (*replay)->policies) {
        const std::string_view budget = policy->spec.value("budget");
        lines.push_back(policy->spec.name + (budget.empty() ? "" : " ") + std::string(budget));
        slots.push_back(policy->budget);
    }
    EXPECT_THAT(lines, testing::ElementsAre("full", "tova 24", "tova 48", "tova 20%", "streaming 40", "treekv 24", "treekv 48",
                                            "treekv 20%"));
    EXPECT_THAT(slots, testing::ElementsAre(200, 24, 48, 40, 40, 24, 48, 40));
    EXPECT_EQ((*replay)->policies.back()->spec.value("sinks"), "2");

    // What a sweep gives is what the policy gives alone.
    const std::string single = (folder / "S.npz").string();
    ASSERT_EQ(program({"replay", demoTrace().string(), "--policy", "tova:budget=48", "--layers", "0-1", "--out", single}).code,
              0);
    EXPECT_EQ(winnow::readReplay(single).value()->policies[0]->evictStep, (*replay)->policies[2]->evictStep);

    const Outcome idle = program(
        {"replay", demoTrace().string(), "--policy", "tova:budget=48", "--budget", "24", "--layers", "0-0", "--out", single});
    EXPECT_EQ(idle.code, 0);
    EXPECT_THAT(idle.err, HasSubstr("warning: every policy has a budget of its own"));
}

TEST(Commands, compareJoinsReplaysAndWritesWhatItPrints)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), first = (folder / "A.h5").string(), second = (folder / "B.npz").string();
    ASSERT_EQ(
        program({"replay", trace, "--policy", "full", "--policy", "tova:budget=32", "--layers", "0-1", "--out", first}).code, 0);
    ASSERT_EQ(
        program({"replay", trace, "--policy", "full", "--policy", "streaming:budget=32", "--layers", "0-1", "--out", second})
            .code,
        0);
    for (const std::string kind : {"csv", "npz"}) {
        const Outcome run = program({"compare", first, second, "--step", "150", "--out", (folder / ("C." + kind)).string()});
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_EQ(run.err, "");
        for (const char* words : {"oracle", "after step 150", "Jaccard", "first step", "2 streaming:budget=32"})
            EXPECT_THAT(run.out, HasSubstr(words));
        EXPECT_THAT(run.out, testing::Not(HasSubstr("  3 "))) << "full is there once";
    }
    EXPECT_THAT(readFile(folder / "C.csv"), HasSubstr("\n\"tova:budget=32"));

    const winnow::NpzFile npz = winnow::readNpz(folder / "C.npz").value();
    const auto replay = winnow::readReplay(first).value();
    const auto jaccard = npz.numbers<double>("jaccard").value();
    ASSERT_EQ(jaccard.size(), 9U);
    EXPECT_EQ(jaccard[1], winnow::testing_support::plainJaccard(*replay->policies[0], *replay->policies[1], 150));
    EXPECT_EQ(npz.numbers<double>("occupancy").value(), (std::vector<double>{151, 32, 32}));
    EXPECT_EQ(npz.numbers<std::int32_t>("first_divergence").value()[1], 32);
}

TEST(Commands, explainTellsWhenATokenLeftAndWhoOutrankedIt)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"replay", trace, "--policy", "h2o:budget=32", "--policy", "streaming:budget=32", "--policy",
                       "treekv:budget=32", "--layers", "0-1", "--out", replay})
                  .code,
              0);
    const Outcome one = program({"explain", replay, trace, "--token", "20", "--rows", "2"});
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.err, "");
    for (const char* words :
         {"token 20 \"", "8 of 8 lanes, open loop", "the full cache pays it", "1 H2O 32: ", "3 TreeKV 32: ", "outranked by",
          "… and 6 lanes that lost it (", "policy 'streaming' has no scores", "2 StreamingLLM 32: gone from all"})
        EXPECT_THAT(one.out, HasSubstr(words));

    EXPECT_THAT(one.out, testing::Not(HasSubstr("some of it")));
    const Outcome stays = program({"explain", replay, trace, "--token", "199", "--rows", "1", "--policies", "1"});
    EXPECT_THAT(stays.out, HasSubstr("8 of 8 lanes still hold it at the end"));
    EXPECT_THAT(stays.out, HasSubstr("… and 7 lanes that still hold it ("));

    const auto result = winnow::readReplay(replay).value();
    const winnow::PolicyReplay& h2o = *result->policies[0];
    const Outcome lane = program(
        {"explain", replay, trace, "--span", "20-22", "--lane", "1.2", "--policies", "1", "--out", (folder / "F.npz").string()});
    ASSERT_EQ(lane.code, 0) << lane.err;
    EXPECT_THAT(lane.out, HasSubstr("tokens 20 to 22"));
    EXPECT_THAT(lane.out, HasSubstr("1 of 8 lanes"));
    EXPECT_THAT(lane.out, testing::Not(HasSubstr("StreamingLLM")));
    const winnow::NpzFile npz = winnow::readNpz(folder / "F.npz").value();
    int last = -1;
    for (int token = 20; token <= 22; ++token)
        last = std::max(last, h2o.evictStep[h2o.index(1, 2, token)]);
    EXPECT_EQ(npz.numbers<std::int32_t>("left_at.0").value(), (std::vector<std::int32_t>{last}));
    EXPECT_EQ(npz.numbers<double>("attention_largest").value().size(), 200u);
    EXPECT_EQ(npz.numbers<std::int32_t>("rank.0").value(), npz.numbers<std::int32_t>("among.0").value()); // the lowest goes
}

TEST(Commands, waveletAttentionAndFiguresWriteNumbersAndPictures)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"replay", trace, "--policy", "tova:budget=25%", "--policy", "streaming:budget=40", "--out", replay}).code,
              0);
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
        expectWritten(
            {"wavelet", trace, "--step", "150", "--wavelet", "db2", "--mode", "symmetric", "--levels", "4", "--hide", "8"},
            "W." + kind);
        expectWritten({"attention", trace, "--layer", "2", "--head", "3", "--queries", "10-90", "--keys", "0-90"}, "A." + kind);
        expectWritten({"attention", trace, replay, "--layer", "2", "--head", "3", "--step", "90", "--lost-by", "2"}, "L." + kind);
        expectWritten({"figure", "heads", trace}, "heads." + kind);
        expectWritten({"figure", "mass", replay, "--smooth", "so-far"}, "mass." + kind);
    }
    expectWritten({"figure", "treekv-2", trace}, "treekv-2.csv");
    expectWritten({"figure", "retention", replay, "--policies", "1,2", "--lanes", "0.1,2.3"}, "retention.npz");
    expectWritten({"figure", "distance", replay}, "distance.csv");
}
