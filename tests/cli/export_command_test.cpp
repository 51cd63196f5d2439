// SPDX-License-Identifier: GPL-3.0-or-later
// winnow export: what a view of a saved session shows, without a window.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

std::string sessionOver(const fs::path& trace, const std::string& figures)
{
    return R"({"format": "winnow-session", "version": 1, "trace": {"relative": "", "absolute": ")" + trace.string() +
           R"("}, "policies": ["tova:budget=32", "h2o:budget=32"], "prompt": 20, "figures": )" + figures + "}";
}

} // namespace

TEST(Export, makesTheFigureOfAView)
{
    const ScratchFolder folder;
    const std::string session = (folder / "s.winnow").string(), out = (folder / "deck.csv").string();
    writeText(session, sessionOver(demoTrace(), R"({"deck": ["kept", "--step", "90"], "maps": ["retention"]})"));
    const Outcome run = program({"export", session, "--view", "deck", "--out", out});
    EXPECT_EQ(run.code, 0) << run.err;
    const std::string csv = readFile(out);
    EXPECT_THAT(csv, HasSubstr("# step: 90\n"));
    EXPECT_THAT(csv, HasSubstr("\"tova:budget=32"));
    EXPECT_THAT(run.out, HasSubstr("wrote " + out));
}

TEST(Export, readsTheReplayBesideTheSession)
{
    const ScratchFolder folder;
    const std::string session = (folder / "s.winnow").string(), replay = (folder / "s.replay.h5").string();
    ASSERT_EQ(program({"replay", demoTrace().string(), "--policy", "tova:budget=32", "--prompt", "20", "--out", replay}).code, 0);
    writeText(session, R"({"format": "winnow-session", "version": 1, "replay": {"relative": "s.replay.h5", "absolute": "/gone"},
        "policies": ["tova:budget=32"], "prompt": 20, "figures": {"quality": ["mass", "--metric", "slots"]}})");
    const Outcome run = program({"export", session, "--view", "quality", "--out", (folder / "q.csv").string()});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.out.find("replaying"), std::string::npos) << run.out;
    EXPECT_THAT(readFile(folder / "q.csv"), HasSubstr("# metric: slots\n"));
}

TEST(Export, showsTheRunsBesideTheReplays)
{
    const ScratchFolder folder;
    const std::string session = (folder / "s.winnow").string(), runs = (folder / "s-runs.h5").string();
    ASSERT_EQ(program({"run", "--model", demoFolder(), "--trace", demoTrace().string(), "--policy", "tova:budget=32", "--prompt",
                       "20", "--out", runs})
                  .code,
              0);
    writeText(session, R"({"format": "winnow-session", "version": 1, "trace": {"relative": "", "absolute": ")" +
                           demoTrace().string() + R"("}, "runs": {"relative": "s-runs.h5", "absolute": "/gone"},
        "policies": ["tova:budget=32"], "prompt": 20, "figures": {"deck": ["kept"], "drift": ["drift", "--drift", "mass"]}})");
    const auto exported = [&](const std::string& view) {
        return program({"export", session, "--view", view, "--out", (folder / (view + ".csv")).string()});
    };
    for (const std::string view : {"deck", "drift"}) {
        const Outcome run = exported(view);
        EXPECT_EQ(run.code, 0) << run.err;
    }
    const std::string deck = readFile(folder / "deck.csv");
    EXPECT_THAT(deck, HasSubstr("\n\"tova:budget=32"));
    EXPECT_THAT(deck, HasSubstr("granularity=layer, run\",0,")) << "as in the window, the run is a policy of its own";
    fs::remove(runs);
    EXPECT_EQ(exported("deck").code, 0) << "the replays are still there";
    EXPECT_THAT(exported("drift").err, HasSubstr("has no runs of its policies any more, and the view 'drift' needs them"));
}

TEST(Export, saysWhatIsWrongInOneSentence)
{
    const ScratchFolder folder;
    const std::string session = (folder / "s.winnow").string(), out = (folder / "out.csv").string();
    const auto refused = [&](const std::string& text, const std::string& view, const std::string& word) {
        writeText(session, text);
        const Outcome run = program({"export", session, "--view", view, "--out", out});
        EXPECT_EQ(run.code, 1) << run.out << run.err;
        EXPECT_THAT(run.err, HasSubstr(word));
        EXPECT_FALSE(fs::exists(out));
    };
    refused(sessionOver(demoTrace(), "{}"), "deck", "save it again");
    refused(sessionOver(demoTrace(), R"({"maps": ["retention"]})"), "deck", "has no view 'deck'; it has maps");
    refused(sessionOver(demoTrace(), R"({"deck": ["kept", "--steep", "4"]})"), "deck", "'--steep' is no option");
    refused(sessionOver(demoTrace(), R"({"deck": ["kept", "--step"]})"), "deck", "--step has no value");
    refused(sessionOver(demoTrace(), R"({"deck": ["kpet"]})"), "deck", "kept");
    refused(sessionOver("/nowhere/T.h5", R"({"deck": ["kept"]})"), "deck", "not there any more");
    refused("{", "deck", "JSON");
    EXPECT_EQ(program({"export", session, "--view", "deck", "--out", (folder / "deck.docx").string()}).code, 2);
}
