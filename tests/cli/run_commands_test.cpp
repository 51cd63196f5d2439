// SPDX-License-Identifier: GPL-3.0-or-later
// winnow run, and what it shares with generate and compare: the closed loop from the command line.
#include "tests/cli/program.h"

#include "core/replay/replay_file.h"

#include <gmock/gmock.h>

using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> runLine(const fs::path& text, const fs::path& out, std::vector<std::string> more)
{
    std::vector<std::string> line{"run", "--model",  demoFolder(), "--text", text.string(), "--device",
                                  "cpu", "--tokens", "60",         "--out",  out.string()};
    line.insert(line.end(), more.begin(), more.end());
    return line;
}

} // namespace

TEST(RunCommand, writesEveryLayoutMarkedClosedLoop)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(80));
    for (const std::string kind : {"h5", "npz", "csv"}) {
        const fs::path out = folder / ("C." + kind);
        const Outcome run = program(runLine(
            folder / "prose.txt", out, {"--policy", "h2o:budget=16", "--policy", "snapkv:budget=16,window=4", "--prompt", "30"}));
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_EQ(run.err, "");
        EXPECT_THAT(run.out, HasSubstr("running 60 tokens under 2 policies beside the full cache"));
        EXPECT_THAT(run.out, HasSubstr("closed loop: loss of the 29 tokens from 31 on"));
        EXPECT_THAT(run.out, HasSubstr("full cache"));
    }
    EXPECT_THAT(readFile(folder / "C.csv"), HasSubstr("# loop: closed\n"));
    const Outcome info = program({"info", (folder / "C.npz").string()});
    EXPECT_EQ(info.code, 0) << info.err;
    EXPECT_THAT(info.out, HasSubstr("closed"));
    EXPECT_THAT(info.out, HasSubstr("loss full"));
    const Outcome figure = program({"figure", "mass", (folder / "C.h5").string(), "--out", (folder / "mass.csv").string()});
    EXPECT_EQ(figure.code, 0) << figure.err;
    EXPECT_THAT(readFile(folder / "mass.csv"), HasSubstr("# caption: closed loop, "));
}

TEST(RunCommand, tellsNoLossWhereTheTextEndsWithItsPrompt)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(80));
    for (const auto& [prompt, ends] :
         {std::pair("60", "with its prompt, so that nothing is left to be judged\n"),
          {"59", "a token behind its prompt, so that nothing is left to be judged; mass and error "}}) {
        const Outcome run =
            program(runLine(folder / "prose.txt", folder / "C.npz", {"--policy", "h2o:budget=16", "--prompt", prompt}));
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_THAT(run.out, HasSubstr(std::string("closed loop: the text ends ") + ends));
        EXPECT_THAT(run.out, testing::ContainsRegex("full cache +- +- +- +- +- +- +- +- +-\n"));
    }
}

TEST(RunCommand, besideAReplayOfTheSameTextTellsTheDrift)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(80));
    const std::string trace = (folder / "T.h5").string(), replay = (folder / "R.npz").string(), run = (folder / "C.npz").string();
    ASSERT_EQ(program({"record", "--model", demoFolder(), "--text", (folder / "prose.txt").string(), "--tokens", "60", "--device",
                       "cpu", "--out", trace})
                  .code,
              0);
    const std::vector<std::string> policies{"--policy", "h2o:budget=16", "--policy", "window:budget=16"};
    std::vector<std::string> line{"replay", trace, "--device", "cpu", "--out", replay};
    line.insert(line.end(), policies.begin(), policies.end());
    ASSERT_EQ(program(line).code, 0);
    ASSERT_EQ(program(runLine(folder / "prose.txt", run, policies)).code, 0);
    const Outcome compared = program({"compare", run, replay});
    EXPECT_EQ(compared.code, 0) << compared.err;
    EXPECT_THAT(compared.out, HasSubstr("open and closed loop"));
    EXPECT_THAT(compared.out, HasSubstr("h2o (run)"));
    EXPECT_THAT(compared.out, HasSubstr("drift of the run"));
    EXPECT_THAT(compared.out, HasSubstr("    all "));
    const std::size_t window = compared.out.rfind("\nwindow:budget=16");
    ASSERT_NE(window, std::string::npos) << compared.out;
    EXPECT_THAT(compared.out.substr(window), HasSubstr("all                0.0000")) << "equal lifetimes are told, too";
    EXPECT_THAT(compared.out, HasSubstr(" hidden\n"));
    EXPECT_THAT(compared.out, HasSubstr("steps 45-59"));
}

TEST(RunCommand, goesOnWithWhatTheFullCacheGenerates)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(80));
    const std::string run = (folder / "C.npz").string();
    const Outcome ran = program(runLine(folder / "prose.txt", run, {"--policy", "snapkv:budget=16,window=4", "--generate", "9"}));
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("running 69 tokens, the last 9 of which the full cache first generates, under 1 policy"));
    EXPECT_THAT(ran.out, HasSubstr("loss of the 8 tokens from 61 on")) << "the text is the prompt";
    const auto result = winnow::readReplay(run).value();
    ASSERT_EQ(result->policies.size(), 1U);
    EXPECT_EQ(result->prompt, 60);
    EXPECT_EQ(result->manifest.at("generated"), "greedy");
    EXPECT_EQ(result->manifest.at("generated_tokens"), "9");
    const Outcome large = program(runLine(folder / "prose.txt", run, {"--policy", "h2o:budget=999", "--generate", "9"}));
    EXPECT_EQ(large.code, 1);
    EXPECT_THAT(large.err, HasSubstr("999")) << "before anything is generated";
    EXPECT_THAT(large.out, testing::Not(HasSubstr("running")));
    const Outcome more = program(runLine(folder / "prose.txt", run, {"--policy", "h2o:budget=16", "--generate", "0"}));
    EXPECT_EQ(more.code, 2);
    EXPECT_THAT(more.err, HasSubstr("--generate"));
}

TEST(RunCommand, runsTheTokensOfARecording)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(80));
    const std::string trace = (folder / "T.h5").string(), run = (folder / "C.h5").string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"record", "--model", demoFolder(), "--text", (folder / "prose.txt").string(), "--tokens", "60", "--device",
                       "cpu", "--out", trace})
                  .code,
              0);
    const Outcome ran =
        program({"run", "--model", demoFolder(), "--trace", trace, "--policy", "h2o:budget=16", "--device", "cpu", "--out", run});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("running 60 tokens"));
    ASSERT_EQ(program({"replay", trace, "--policy", "h2o:budget=16", "--device", "cpu", "--out", replay}).code, 0);
    const Outcome figure = program({"figure", "mass", replay, run, "--metric", "loss", "--out", (folder / "loss.csv").string()});
    ASSERT_EQ(figure.code, 0) << figure.err;
    const std::string numbers = readFile(folder / "loss.csv");
    EXPECT_THAT(numbers, HasSubstr("# caption: open and closed loop, "));
    const Outcome both = program({"run", "--model", demoFolder(), "--trace", trace, "--text", (folder / "prose.txt").string(),
                                  "--policy", "h2o:budget=16", "--out", run});
    EXPECT_EQ(both.code, 2);
    const Outcome cut =
        program({"run", "--model", demoFolder(), "--trace", trace, "--tokens", "20", "--policy", "h2o:budget=16", "--out", run});
    EXPECT_EQ(cut.code, 2);
}

TEST(RunCommand, refusesInOneSentenceWhatCannotBeRun)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(80));
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"--policy", "future:budget=16"}, "policy 'future' knows the attention still to come"},
        {{"--policy", "h2o:budget=61"}, "a budget of 61 is more than the text's 60 tokens"},
        {{"--policy", "h2o:budget=16", "--prompt", "61"}, "a prompt of 61 tokens is longer than the text, which has 60"},
        {{"--policy", "snapkv:budget=16,window=4"}, "there is no prompt"},
    };
    for (const auto& [more, sentence] : cases) {
        const Outcome run = program(runLine(folder / "prose.txt", folder / "C.npz", more));
        EXPECT_EQ(run.code, 1);
        EXPECT_THAT(run.err, HasSubstr(sentence));
        EXPECT_FALSE(fs::exists(folder / "C.npz"));
    }
    writeText(folder / "mine.npz", "not Winnow's");
    const Outcome over = program(runLine(folder / "prose.txt", folder / "mine.npz", {"--policy", "h2o:budget=16"}));
    EXPECT_NE(over.code, 0);
    EXPECT_EQ(readFile(folder / "mine.npz"), "not Winnow's");
}

TEST(GenerateCommand, underPoliciesMarksTheFirstDifference)
{
    const ScratchFolder folder;
    writeText(folder / "prompt.txt", prose(60));
    const Outcome said = program({"generate", "--model", demoFolder(), "--text", (folder / "prompt.txt").string(), "--device",
                                  "cpu", "--tokens", "12", "--policy", "full", "--policy", "window:budget=4"});
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr("closed loop: "));
    EXPECT_THAT(said.out, HasSubstr("\nwindow:budget=4,"));
    EXPECT_THAT(said.out, HasSubstr(">>> differs from the first answer from token "));
    const Outcome both = program(
        {"generate", "--model", demoFolder(), "--prompt", "Once", "--policy", "full", "--out", (folder / "T.h5").string()});
    EXPECT_NE(both.code, 0);
    EXPECT_THAT(both.err, HasSubstr("leave one out"));
}
