// SPDX-License-Identifier: GPL-3.0-or-later
// winnow report: the page is written, what is given wrongly is refused, and a browser finds the replay's numbers in it.
#include "tests/cli/program.h"

#include "core/replay/replay_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

using namespace winnow;
using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

/// A replay of the demo's trace under three policies.
const fs::path& threePolicies()
{
    static const ScratchFolder folder;
    static const fs::path path = [] {
        const fs::path out = folder / "R.h5";
        const Outcome run =
            program({"replay", demoTrace().string(), "--policy", "streaming:budget=32", "--policy", "h2o:budget=32", "--policy",
                     "treekv:budget=48", "--prompt", "60", "--device", "cpu", "--out", out.string()});
        EXPECT_EQ(run.code, 0) << run.err;
        return out;
    }();
    return path;
}

/// The page as Chromium leaves it once its script ran; empty where there is no Chromium.
std::string domOf(const fs::path& page, const std::string& look, const ScratchFolder& folder)
{
    if (std::system("command -v chromium > /dev/null 2>&1") != 0)
        return {};
    const fs::path dom = folder / "dom.html";
    const std::string line =
        fmt::format("chromium --headless --no-sandbox --disable-gpu --user-data-dir='{}' --virtual-time-budget=5000 "
                    "--dump-dom 'file://{}{}' > '{}' 2> /dev/null",
                    (folder / "profile").string(), page.string(), look, dom.string());
    EXPECT_EQ(std::system(line.c_str()), 0);
    return readFile(dom);
}

} // namespace

TEST(ReportCommand, writesOnePageThatNeedsNothingElse)
{
    const ScratchFolder folder;
    const fs::path out = folder / "report.html";
    for (int time = 0; time < 2; ++time) { // the second takes the place of the first
        const Outcome run = program({"report", demoTrace().string(), threePolicies().string(), "--out", out.string()});
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_THAT(run.out, HasSubstr("wrote " + out.string()));
    }
    const std::string page = readFile(out);
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    for (const char* words : {"H2O 32", "treekv:budget=48", "open loop", "default-src 'none'", "function paintMap"})
        EXPECT_NE(page.find(words), std::string::npos) << words;
    for (const char* network : {"http://", "https://", "src=", "@import", "url("})
        EXPECT_EQ(page.find(network), std::string::npos) << network;
}

TEST(ReportCommand, readsASessionOfTheWindow)
{
    const ScratchFolder folder;
    writeText(folder / "s.winnow",
              fmt::format(R"({{"format": "winnow-session", "version": 1, "trace": {{"relative": "", "absolute": "{}"}},
                "replay": {{"relative": "", "absolute": "{}"}}, "policies": ["streaming:budget=32", "h2o:budget=32",
                "treekv:budget=48"],
                "selection": {{"step": 77, "focus": 2, "reference": 1, "difference": true, "hidden": [true, false, false]}}}})",
                          demoTrace().string(), threePolicies().string()));
    const fs::path out = folder / "report.html";
    const Outcome run = program({"report", (folder / "s.winnow").string(), "--out", out.string()});
    ASSERT_EQ(run.code, 0) << run.err;
    const std::string page = readFile(out);
    EXPECT_TRUE(page.find(R"("look":{"step":77,"token":null,"focus":1,"reference":0,"difference":true)") != std::string::npos);
    EXPECT_EQ(page.find("streaming:budget"), std::string::npos); // hidden

    writeText(folder / "none.winnow", R"({"format": "winnow-session", "version": 1})");
    const Outcome empty = program({"report", (folder / "none.winnow").string(), "--out", out.string()});
    EXPECT_EQ(empty.code, 1);
    EXPECT_THAT(empty.err, HasSubstr("has no recording in a file"));
}

TEST(ReportCommand, refusesWhatIsNoReplayAndItsRecording)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = threePolicies().string(), out = (folder / "r.html").string();
    const auto refused = [&](const std::vector<std::string>& words, int code, const std::string& sentence) {
        std::vector<std::string> line{"report"};
        line.insert(line.end(), words.begin(), words.end());
        const Outcome run = program(line);
        EXPECT_EQ(run.code, code) << run.err;
        EXPECT_THAT(run.err, HasSubstr(sentence));
        EXPECT_FALSE(fs::exists(out));
    };
    refused({trace, "--out", out}, 2, "the replay is missing");
    writeText(folder / "other.txt", prose(60));
    const std::string other = (folder / "other.h5").string();
    ASSERT_EQ(
        program({"record", "--model", demoFolder(), "--text", (folder / "other.txt").string(), "--layers", "0-0", "--out", other})
            .code,
        0);
    refused({replay, other, "--out", out}, 1, "is not the recording of '" + replay + "'");
    refused({replay, "--out", out}, 2, "the recording is missing");
    refused({replay, replay, "--out", out}, 2, "one replay and its recording");
    refused({replay, trace, "--policies", "4", "--out", out}, 2, "policy number 4");
    refused({replay, trace, "--step", "200", "--out", out}, 2, "steps 0 to 199");
    refused({replay, trace, "--out", (folder / "r.pdf").string()}, 2, "html");
    const Outcome somebodys = program({"report", replay, trace, "--out", (folder / "mine.html").string()});
    EXPECT_EQ(somebodys.code, 0);
    writeText(folder / "mine.html", "<!DOCTYPE html><p>my own page");
    const Outcome over = program({"report", replay, trace, "--out", (folder / "mine.html").string()});
    EXPECT_EQ(over.code, 1);
    EXPECT_THAT(over.err, HasSubstr("not a report of Winnow's"));
}

TEST(ReportCommand, showsTheNumbersOfTheReplayInABrowser)
{
    const ScratchFolder folder;
    const fs::path out = folder / "report.html";
    ASSERT_EQ(program({"report", threePolicies().string(), demoTrace().string(), "--out", out.string()}).code, 0);
    constexpr int kStep = 150, kToken = 20;
    const std::string dom = domOf(out, fmt::format("#step={}&token={}&focus=2", kStep, kToken), folder);
    if (dom.empty())
        GTEST_SKIP() << "there is no chromium";
    const auto replay = readReplay(threePolicies());
    ASSERT_TRUE(replay) << replay.error().message;
    const std::size_t now = dom.find("id=\"now\"");
    ASSERT_NE(now, std::string::npos);
    for (std::size_t p = 0; p < 3; ++p) {
        const PolicyReplay& policy = *(*replay)->policies[p];
        const int lanes = policy.layers * policy.lanes;
        double stored = 0, mass = 0, error = 0;
        int kept = 0;
        for (int lane = 0; lane < lanes; ++lane) {
            const auto at = static_cast<std::size_t>(lane) * policy.tokens + kStep;
            stored += policy.occupancy[at];
            mass += policy.mass[at];
            error += policy.error[at];
            kept += policy.keeps(lane / policy.lanes, lane % policy.lanes, kToken, kStep) ? 1 : 0;
        }
        const std::string cells = fmt::format("<td>{:.1f}</td><td>", stored / lanes),
                          metrics = fmt::format("</td><td>{:.4f}</td><td>{:.4f}</td>", mass / lanes, error / lanes);
        const std::size_t row = dom.find(fmt::format("data-policy=\"{}\"", p), now);
        ASSERT_NE(row, std::string::npos);
        const std::string text = dom.substr(row, dom.find("</tr>", row) - row);
        EXPECT_THAT(text, HasSubstr(cells));
        EXPECT_THAT(text, HasSubstr(metrics));
        EXPECT_THAT(text, HasSubstr(kept > 0 ? fmt::format("in {} of {} lanes", kept, lanes) : "left at "));
    }
    EXPECT_NE(dom.find(fmt::format("H2O, 32 slots, step {}, mass ", kStep)), std::string::npos); // what a screen reader says
}
