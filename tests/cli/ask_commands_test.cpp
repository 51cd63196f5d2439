// SPDX-License-Identifier: GPL-3.0-or-later
// winnow ask and winnow perplexity, as a user meets them.
#include "tests/cli/program.h"

#include "core/tasks/answer_reader.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace winnow::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

namespace {

class AskCommand : public testing::Test {
protected:
    std::string at(const std::string& name) const { return (m_folder / name).string(); }
    std::string file(const std::string& name, const std::string& text) const
    {
        writeText(m_folder / name, text);
        return at(name);
    }
    Outcome ask(std::vector<std::string> more, const std::string& out = "a.jsonl", const RunOptions& options = {}) const
    {
        std::vector<std::string> line{"ask", "--model", demoFolder(), "--device", "cpu", "--out", at(out)};
        line.insert(line.end(), more.begin(), more.end());
        return program(line, options);
    }
    std::vector<winnow::tasks::Answer> answers(const std::string& name = "a.jsonl") const
    {
        return winnow::tasks::parseAnswers(readFile(m_folder / name), {}).answers;
    }
    static void expectWrong(const Outcome& run, int code, const std::string& why)
    {
        EXPECT_EQ(run.code, code) << run.err;
        EXPECT_THAT(run.err, HasSubstr(why));
        EXPECT_LE(std::ranges::count(run.err, '\n'), 1);
    }

    ScratchFolder m_folder;
};

const std::vector<std::string> kFacts{"--task", "facts",    "--length", "200",      "--samples",
                                      "3",      "--policy", "full",     "--policy", "snapkv:budget=32,window=8"};

} // namespace

TEST_F(AskCommand, writesAnAnswerForEveryExampleAndPolicyAndScoresThem)
{
    const Outcome run = ask(kFacts);
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    EXPECT_THAT(run.out, HasSubstr("closed loop: 3 questions under 2 policies, 6 answers\n"));
    EXPECT_THAT(run.out, HasSubstr("query-aware"));
    const auto all = answers();
    ASSERT_EQ(all.size(), 6U);
    EXPECT_EQ(all[0].series, "full");
    EXPECT_EQ(all[0].model, "demo");
    EXPECT_EQ(all[0].asked, "winnow");
    EXPECT_EQ(all[0].contextLength, 200);
    EXPECT_EQ(all[0].cut, "none");
    EXPECT_EQ(all[0].queryAware, true);
    EXPECT_EQ(all[0].chatTemplate, false);
    EXPECT_LT(*all[1].storedSlots, 45) << "32 slots and the answer";
    const Outcome score = program({"score", at("a.jsonl")});
    EXPECT_EQ(score.code, 0) << score.err;
    EXPECT_THAT(run.out, HasSubstr(score.out)) << "the same table";
}

TEST_F(AskCommand, goesOnWhereItWasStoppedAndTakesFurtherPolicies)
{
    ASSERT_EQ(ask(kFacts).code, 0);
    const std::string whole = readFile(m_folder / "a.jsonl");
    std::size_t at = 0;
    for (int line = 0; line < 2; ++line)
        at = whole.find('\n', at) + 1;
    writeText(m_folder / "a.jsonl", whole.substr(0, at + 20)); // two answers, and what a killed run left of the third
    const Outcome again = ask(kFacts);
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.out, HasSubstr("6 answers; 2 are in '"));
    EXPECT_EQ(readFile(m_folder / "a.jsonl"), whole) << "the same answers in the same order";
    std::vector<std::string> more = kFacts;
    more.insert(more.end(), {"--policy", "window:budget=32"});
    EXPECT_THAT(ask(more).out, HasSubstr("9 answers; 6 are in"));
    EXPECT_EQ(answers().size(), 9U);
    EXPECT_EQ(readFile(m_folder / "a.jsonl").substr(0, whole.size()), whole);
}

TEST_F(AskCommand, asksSeveralQuestionsAboutOneCompressedContext)
{
    const std::vector<std::string> lists{"--task", "lists",   "--length", "300",      "--samples",
                                         "2",      "--turns", "2",        "--policy", "snapkv:budget=64,window=8"};
    const Outcome run = ask(lists);
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("turn 0"), HasSubstr("turn 1"), Not(HasSubstr("depth ")), HasSubstr("snapkv 64")));
    EXPECT_THAT(run.out, HasSubstr(program({"score", at("a.jsonl"), "--parts"}).out)) << "the same table";
    const auto aware = answers();
    ASSERT_EQ(aware.size(), 4U);
    EXPECT_EQ(aware[0].queryAware, true);
    EXPECT_EQ(aware[1].turn, 1);
    EXPECT_EQ(aware[1].queryAware, false) << "the policy had evicted before the second question came";
    std::vector<std::string> behind = lists;
    behind.insert(behind.end(), {"--compress", "context"});
    ASSERT_EQ(ask(behind, "b.jsonl").code, 0);
    EXPECT_EQ(answers("b.jsonl")[0].queryAware, false);
    expectWrong(ask(behind), 1,
                "holds answers of another plan: example 0 of lists has query_aware 'true' there and 'false' here");
}

TEST_F(AskCommand, readsExamplesThatPeopleHave)
{
    std::string context;
    for (int i = 0; i < 60; ++i)
        context += "the boat came home ";
    const std::string data = file("vt.jsonl", R"({"index":0,"input":")" + context +
                                                  R"(What?","question":"What?","answer_prefix":" It is","outputs":["a"]})"
                                                  "\n{\"index\":1}\n");
    const Outcome run = ask({"--data", data, "--policy", "full", "--profile", "kvpress", "--cut-to", "40", "--chat"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("line 2 holds no right answer"), HasSubstr("the model has no chat template")));
    const auto all = answers();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].cut, "end");
    EXPECT_EQ(all[0].queryAware, false) << "kvpress puts the question behind the context";
    EXPECT_EQ(all[0].promptTokens, 40);
    EXPECT_EQ(all[0].asked, "kvpress");
}

TEST_F(AskCommand, makesTheHeatMapAndTheCellsOfNeedles)
{
    const Outcome run = ask({"--task", "needle", "--length", "200,300", "--depths", "3", "--samples", "1", "--policy", "full"});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(answers().size(), 6U);
    EXPECT_THAT(run.out, AllOf(HasSubstr("exact"), HasSubstr("needle-stemmed"), HasSubstr("needle-words")));
    const Outcome figure = program({"figure", "needle", at("a.jsonl"), "--out", at("needle.csv")});
    EXPECT_EQ(figure.code, 0) << figure.err;
    EXPECT_THAT(readFile(m_folder / "needle.csv"), AllOf(HasSubstr("# loop: closed"), HasSubstr("\"full\",needle,50,300,1,")));
    const Outcome cells = program({"score", at("a.jsonl"), "--cells", at("cells")});
    EXPECT_EQ(cells.code, 0) << cells.err;
    EXPECT_THAT(readFile(m_folder / "cells" / "full_len_300_depth_5000_4.json"), HasSubstr("\"depth_percent\": 50"));
    expectWrong(program({"score", at("a.jsonl"), "--cells", at("cells")}), 1, "not an empty folder");
    expectWrong(program({"figure", "drift", file("words.jsonl", "{}"), "--out", at("drift.csv")}), 1,
                "is a text; the figure 'drift' is made from replays (winnow replay) and runs (winnow run)");
    expectWrong(program({"figure", "needle", file("other.jsonl", R"({"task":"trec","id":"1","pred":"a","answers":["a"]})"),
                         "--out", at("n.csv")}),
                1, "holds no answer with a length and a depth");
}

TEST_F(AskCommand, saysWhatIsWrongBeforeTheModelIsLoaded)
{
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.end(), {"--policy", "window:budget=16"});
        return ask(more);
    };
    expectWrong(with({}), 2, "--task NAME (or demo) or --data FILE");
    expectWrong(with({"--task", "fact"}), 2, "did you mean 'facts'?");
    expectWrong(with({"--task", "hotpotqa"}), 2, "give its file with --data");
    expectWrong(with({"--task", "facts", "--profile", "winow"}), 2, "did you mean 'winnow'?");
    expectWrong(with({"--task", "facts", "--profile", "ruler"}), 2, "the profile ruler does not ask facts");
    expectWrong(with({"--task", "facts", "--turns", "2"}), 2, "--turns is read by lists only, not by facts; leave it out");
    expectWrong(with({"--task", "passages", "--task", "lists", "--needles", "2"}), 2, "--needles is read by needle only");
    expectWrong(with({"--task", "needle", "--length", "70", "--needle", prose(90), "--question", "What?", "--answer", "x"}), 1,
                "needle does not fit into 70 tokens");
    expectWrong(with({"--data", file("bad.jsonl", "{\"index\":1}\n"), "--task", "vt"}), 1, "holds no example that can be asked");
    expectWrong(with({"--data", file("none.jsonl", R"({"task":"vt","input":"a b","answer_prefix":" c","outputs":[]})")}), 1,
                "line 1 holds an empty list of right answers");
    expectWrong(with({"--task", "facts", "--policy", "window:budget=16"}), 2, "is given twice");
    expectWrong(with({"--task", "facts", "--length", "200", "--policy", "future:budget=16"}), 1, "only a recording can tell");
    expectWrong(ask({"--task", "facts", "--policy", "window:budget=16"}, "a.txt"), 2, ".jsonl");
    file("notes.jsonl", "my notes\n");
    expectWrong(ask({"--task", "facts", "--policy", "window:budget=16"}, "notes.jsonl"), 1, "not a file of answers of Winnow's");
    EXPECT_FALSE(fs::exists(m_folder / "a.jsonl")) << "nothing is written where nothing is asked";
    const std::string data = file("facts.jsonl", "");
    expectWrong(ask({"--data", data, "--policy", "full"}, "facts.jsonl"), 1, "which is read");
}

TEST(PerplexityCommand, tellsItsProtocolAndTheLossByPosition)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(150));
    const auto measure = [&](std::vector<std::string> more) {
        std::vector<std::string> line{"perplexity", "--model",  demoFolder(),    "--text",   (folder / "prose.txt").string(),
                                      "--device",   "cpu",      "--tokens",      "120",      "--bucket",
                                      "50",         "--policy", "h2o:budget=16", "--policy", "window:budget=16"};
        line.insert(line.end(), more.begin(), more.end());
        return program(line);
    };
    const std::string csv = (folder / "p.csv").string(), json = (folder / "p.json").string();
    const Outcome go = measure({"--positions", "slot", "--out", csv, "--out", json});
    ASSERT_EQ(go.code, 0) << go.err;
    EXPECT_THAT(go.out, AllOf(HasSubstr("the protocol of StreamingLLM"), HasSubstr("    100-119"), HasSubstr("full cache")));
    EXPECT_THAT(readFile(csv), AllOf(HasSubstr("# protocol: one pass"), HasSubstr("policy,begin,end,n,loss,perplexity,cumulated"),
                                     HasSubstr("\"full cache\",0,50,49,")));
    EXPECT_THAT(readFile(json), AllOf(HasSubstr("\"format\": \"winnow-perplexity\""), HasSubstr("positions=reassign")));
    EXPECT_EQ(measure({"--out", json}).code, 0) << "numbers of its own are replaced";
    const Outcome strided = measure({"--window", "60", "--stride", "30"});
    EXPECT_EQ(strided.code, 0) << strided.err;
    EXPECT_THAT(strided.out, HasSubstr("windows of 60 tokens, 30 apart"));
    EXPECT_EQ(measure({"--window", "60", "--stride", "61"}).code, 2);
    EXPECT_EQ(measure({"--stride", "61"}).code, 2);
    const Outcome wide = measure({"--window", "121"});
    EXPECT_EQ(wide.code, 1);
    EXPECT_THAT(wide.err, HasSubstr("a window of 121 tokens is longer than the text, which has 120; leave the window out"));
    const Outcome small = measure({"--window", "10"});
    EXPECT_EQ(small.code, 1);
    EXPECT_THAT(small.err, HasSubstr("a budget of 16 is more than"));
}
