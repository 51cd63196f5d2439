// SPDX-License-Identifier: GPL-3.0-or-later
// The command line itself: what it lists, its help, and how it answers a wrong line.
#include "tests/cli/program.h"

#include "core/policy/policy_spec.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>

using namespace winnow::test;
using testing::HasSubstr;

TEST(CommandLine, policiesTellsEverythingThatTheCatalogKnows)
{
    const std::string all = program({"policies"}).out;
    const auto never = all.find("never evicts:"), always = all.find("evicts at every step:"),
               once = all.find("evicts once, at the end of the prompt (needs --prompt):");
    ASSERT_TRUE(never < always && always < once && once != std::string::npos) << all;
    const std::size_t begins[] = {never, always, once, all.size()};
    for (const winnow::PolicyInfo& policy : winnow::policyCatalog()) {
        const auto line = all.find(fmt::format("\n  {} ", policy.name));
        const auto group = static_cast<std::size_t>(policy.acts);
        EXPECT_TRUE(begins[group] < line && line < begins[group + 1]) << policy.name;
    }
    for (const char* name : {"full", "treekv", "headkv", "criticalkv"}) { // a call each
        const winnow::PolicyInfo& policy = *winnow::findPolicy(name);
        const Outcome one = program({"policies", name});
        EXPECT_EQ(one.code, 0);
        // Lines are wrapped, so words are looked for with their breaks undone.
        std::string text;
        for (const char c : one.out)
            if (!std::isspace(static_cast<unsigned char>(c)) || (!text.empty() && text.back() != ' '))
                text += std::isspace(static_cast<unsigned char>(c)) ? ' ' : c;
        for (const std::string_view part : {policy.title, policy.summary, policy.citation, policy.reference, policy.deviations})
            EXPECT_THAT(text, HasSubstr(std::string(part))) << policy.name;
        for (const winnow::ParameterSpec& parameter : policy.parameters) {
            EXPECT_THAT(text, HasSubstr(fmt::format(" {} ", parameter.id))) << policy.name;
            EXPECT_THAT(text, HasSubstr(std::string(parameter.help))) << policy.name;
            EXPECT_THAT(text, HasSubstr(fmt::format("{}", fmt::join(parameter.choices, " | ")))) << policy.name;
        }
        EXPECT_EQ(text.find("a prompt: --prompt N") != std::string::npos, policy.acts == winnow::Acts::EndOfPrompt)
            << policy.name;
        EXPECT_EQ(text.find("vo_norm, as winnow record") != std::string::npos, policy.needsValueOutputNorm) << policy.name;
    }
}

TEST(CommandLine, policiesListsTheCatalogAndTellsAboutOne)
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

TEST(CommandLine, policiesTellsWhatAFollowerTakesInOnePlace)
{
    const std::string snapkv = program({"policies", "snapkv"}).out;
    EXPECT_THAT(snapkv, HasSubstr("`winnow policies NAME` tells what each of streaming, h2o,"));
    EXPECT_LT(std::count(snapkv.begin(), snapkv.end(), '\n'), 70);
    EXPECT_THAT(program({"policies", "adakv"}).out, HasSubstr("of base=expected:")) << "which is no policy";
}

TEST(CommandLine, figureListNamesEveryFigure)
{
    const Outcome run = program({"figure", "--list"});
    EXPECT_EQ(run.code, 0);
    for (const char* name : {"treekv-2", "wavelet", "attention", "retention", "mass", "distance"})
        EXPECT_THAT(run.out, HasSubstr(name));
}

TEST(CommandLine, helpAndVersionEndWell)
{
    EXPECT_EQ(program({"--help"}).code, 0);
    EXPECT_THAT(program({"--version"}).out, HasSubstr("winnow 0."));
    for (const char* command :
         {"record", "check",    "replay",  "run",       "perplexity", "ask",    "compare",  "explain",  "report", "score", "tune",
          "tasks",  "policies", "wavelet", "attention", "figure",     "export", "generate", "tokenize", "info",   "demo"}) {
        const Outcome run = program({command, "--help"});
        EXPECT_EQ(run.code, 0);
        EXPECT_THAT(run.out, HasSubstr("winnow")) << command;
    }
}

TEST(CommandLine, aWrongLineNamesTheNearestRightWordAndEndsWith2)
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
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--budget", "64,many", "--out", "R.h5"}, "such as 64,128,25%, not 'many'");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--budget", "0", "--out", "R.h5"}, "not '0'");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--budget", "120%", "--out", "R.h5"}, "not '120%'");
    expectWrong({"compare"}, "replays");
    expectWrong({"compare", "R.h5", "--out", "C.h5"}, ".csv or .npz");
    expectWrong({"compare", "R.h5", "--step", "-3"}, "--step");
    expectWrong({"explain", "R.h5", "T.h5"}, "--token or --span");
    expectWrong({"explain", "R.h5", "T.h5", "--token", "3", "--span", "2-4"}, "--token or --span");
    expectWrong({"explain", "R.h5", "T.h5", "--token", "-3"}, "--token takes a number from 0 on");
    expectWrong({"explain", "R.h5", "T.h5", "--span", "4-2"}, "--span takes a number or a range");
    expectWrong({"explain", "R.h5", "T.h5", "--token", "3", "--lane", "3"}, "--lane takes layer.head");
    expectWrong({"explain", "R.h5", "--token", "3"}, "trace");
    expectWrong({"attention", "T.h5", "--layer", "1", "--head", "0", "--queries", "9-3", "--out", "A.npz"}, "a range like 0-5");
    expectWrong({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--dtype", "float23"}, "float23");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--budget", "4"}, "--budget needs --policy;");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--layers", "0-1"}, "--layers needs --out;");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--tokens", "0"}, "a number from 1 to 16777216, not '0'");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--seed", "4"}, "--seed is about draws, and at --temperature 0");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--temperature", "0", "--top-p", "0.5"}, "or leave --top-p out");
    expectWrong({"report", "a", "b", "c", "--out", "r.html"}, "inputs takes 1 to 2 files");
    expectWrong({"figure", "wavelet", "T.h5", "--hide", "99999999999", "--out", "f.pdf"},
                "from 0 to 2147483647, not '99999999999'");
    expectWrong({"info", "a", "b"}, "no further argument 'b'");
    expectWrong({"policies", "h3o"}, "there is no policy 'h3o'; did you mean 'h2o'?");
    const std::vector<std::string> ask{"ask", "--model", "m", "--task", "facts", "--policy", "full", "--out", "A.jsonl"};
    for (std::vector<std::string> line : {ask, {"generate", "--model", "m", "--prompt", "a"}})
        for (const std::string option : {"--temperature", "--top-p"}) {
            line.insert(line.end(), {option, "nan"});
            expectWrong(line, option + " takes a number, not 'nan'");
            line.resize(line.size() - 2);
        }
    for (const std::string typed : {"-1", "18446744073709551616", "0x10"}) {
        const std::string says = fmt::format(" takes a whole number from 0 to 18446744073709551615, not '{}'", typed);
        std::vector<std::string> seeded = ask;
        seeded.insert(seeded.end(), {"--seed", typed});
        expectWrong(seeded, "--seed" + says);
        expectWrong({"generate", "--model", "m", "--prompt", "a", "--temperature", "1", "--seed", typed}, "--seed" + says);
        expectWrong({"tasks", "facts", "--out", "F.jsonl", "--seed", typed}, "--seed" + says);
        expectWrong({"tune", "T.h5", "--policy", "h2o", "--over", "recent", "--hold-out", typed}, "--hold-out" + says);
    }
}

TEST(CommandLine, takesLeadingZerosForDecimal)
{
    const ScratchFolder folder;
    const auto replay = [&](const std::string& prompt) {
        return program({"replay", demoTrace().string(), "--policy", "tova:budget=32", "--prompt", prompt, "--out",
                        (folder / "R.npz").string()});
    };
    EXPECT_THAT(replay("0201").err, HasSubstr("a prompt of 201 tokens")) << "octal, it would be 129 and fit";
    EXPECT_EQ(replay("000").code, 0);
    EXPECT_THAT(replay("-0201").err, HasSubstr("'-201'"));
}
