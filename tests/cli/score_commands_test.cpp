// SPDX-License-Identifier: GPL-3.0-or-later
// winnow score and winnow tasks, as a user meets them.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace winnow::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

namespace {

class Scores : public testing::Test {
protected:
    ScratchFolder folder;

    std::string at(const std::string& name) const { return (folder / name).string(); }
    std::string file(const std::string& name, const std::string& text) const
    {
        fs::create_directories((folder / name).parent_path());
        writeText(folder / name, text);
        return at(name);
    }
    static long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
};

const std::string kAnswers =
    R"({"pred":"\nLocation\nEntity","answers":["Location"],"all_classes":["Location","Entity"],"length":3000}
{"pred":"Entity","answers":["Location"],"all_classes":["Location","Entity"],"length":5000}
)";

TEST_F(Scores, standSideBySideWithCountAndInterval)
{
    const Outcome run = program({"score", file("trec.jsonl", kAnswers)});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    EXPECT_THAT(run.out, AllOf(HasSubstr("longbench"), HasSubstr("kvpress"), HasSubstr("kvcf"), HasSubstr("lm-eval")));
    EXPECT_THAT(run.out, HasSubstr("50.00 [0.0, 100.0]"));
    EXPECT_THAT(run.out, HasSubstr("query-aware not said"));
}

TEST_F(Scores, areWrittenAsTablesThatAreReplacedByTablesOnly)
{
    const std::string answers = file("trec.jsonl", kAnswers);
    for (const std::string name : {"s.csv", "s.json"}) {
        for (int again = 0; again < 2; ++again)
            EXPECT_EQ(program({"score", answers, "--profile", "longbench", "--parts", "--out", at(name)}).code, 0) << name;
        EXPECT_THAT(readFile(at(name)), AllOf(HasSubstr("winnow-scores"), HasSubstr("4-8k"), Not(HasSubstr("kvpress"))));
    }
    EXPECT_THAT(readFile(at("s.csv")), HasSubstr("\n,trec,,longbench,classification,2,50.0,0.0,100.0,100.0,"));
    file("notes.csv", "mine\n");
    EXPECT_EQ(program({"score", answers, "--out", at("notes.csv")}).code, 1);
    EXPECT_EQ(program({"score", answers, "--out", answers}).code, 2) << "another extension";
    const Outcome csv = program({"score", answers, "--format", "csv"});
    EXPECT_TRUE(csv.out.starts_with("# format: winnow-scores\n")) << csv.out;
    EXPECT_EQ(csv.out, program({"score", "-", "--task", "trec", "--format", "csv"}, {.input = kAnswers}).out);
}

TEST_F(Scores, nameBadLinesAndGoOn)
{
    const Outcome some = program({"score", file("trec.jsonl", kAnswers + "{\"pred\":\n\n{\"pred\":\"a\"}\n")});
    EXPECT_EQ(some.code, 0);
    EXPECT_THAT(some.err, AllOf(HasSubstr("trec.jsonl', line 3 is not valid JSON: it ends too early"),
                                HasSubstr("trec.jsonl', line 5 holds no right answer")));
    EXPECT_EQ(lines(some.err), 2);
    const Outcome none = program({"score", file("trec2/answers.jsonl", "{\"pred\":\"a\",\"answers\":[\"a\"]}\n")});
    EXPECT_EQ(none.code, 1);
    EXPECT_THAT(none.err,
                HasSubstr("holds no answer that can be scored; line 1 names no task, and the file's name is none; say --task"));
    const Outcome lacking =
        program({"score", file("trec.jsonl", kAnswers), file("lsht.jsonl", "{\"pred\":\"a\",\"answers\":[\"a\"]}\n")});
    EXPECT_EQ(lacking.code, 0);
    EXPECT_THAT(lacking.err, HasSubstr("lsht.jsonl', line 1 is not scored by classification: it lacks the names of all classes"));
    std::string many;
    for (int i = 0; i < 50; ++i)
        many += "x\n";
    EXPECT_EQ(lines(program({"score", file("trec.jsonl", many + kAnswers)}).err), 9) << "eight, and how many more";
}

TEST_F(Scores, countAnExampleOnce)
{
    const std::string one = R"({"id":1,"pred":"Location","answers":["Location"],"all_classes":["Location","Entity"]})";
    const std::string other = R"({"id":1,"turn":1,"pred":"Entity","answers":["Location"],"all_classes":["Location","Entity"]})";
    const std::string answers = file("trec.jsonl", one + "\n" + other + "\n");
    const Outcome once = program({"score", answers}), named = program({"score", answers, answers}),
                  within = program({"score", file("twice/trec.jsonl", one + "\n" + other + "\n" + one + "\n")});
    EXPECT_EQ(once.err, "");
    EXPECT_EQ(named.out, once.out);
    EXPECT_THAT(named.err, HasSubstr("trec.jsonl' is named twice; it counts once"));
    EXPECT_EQ(within.out, once.out);
    EXPECT_THAT(within.err,
                HasSubstr("1 answer to an example that was answered before (same series, task, id and turn) is left"));
    const std::string unnamed = R"({"pred":"Location","answers":["Location"],"all_classes":["Location","Entity"]})";
    EXPECT_THAT(program({"score", file("unnamed/trec.jsonl", unnamed + "\n" + unnamed + "\n")}).err,
                HasSubstr("1 line without an id that repeats an earlier one in everything; it counts"));
}

TEST_F(Scores, tellWhereALineIsNotJsonAndWhatIsNoText)
{
    const Outcome broken = program({"score", file("trec.jsonl", kAnswers + "{\"pred\": \"\u00e9\", x}\n")});
    EXPECT_EQ(broken.code, 0);
    EXPECT_THAT(broken.err, AllOf(HasSubstr("line 3 is not valid JSON at column 15, after "), Not(HasSubstr("line 1"))));
    const Outcome trace = program({"score", demoTrace().string()});
    EXPECT_EQ(trace.code, 1);
    EXPECT_THAT(trace.err, HasSubstr("is a trace; answers are lines of JSON"));
}

TEST_F(Scores, refuseWhatIsNotKnownWithTheNearestName)
{
    const std::string answers = file("trec.jsonl", kAnswers);
    const auto expectWrong = [](const Outcome& run, int code, const std::string& words) {
        EXPECT_EQ(run.code, code) << run.err;
        EXPECT_EQ(lines(run.err), 1) << run.err;
        EXPECT_THAT(run.err, HasSubstr(words));
    };
    expectWrong(program({"score", answers, "--profile", "kvpres"}), 2, "did you mean 'kvpress'?");
    expectWrong(program({"score", answers, "--task", "treck"}), 2, "did you mean 'trec'?");
    expectWrong(program({"score", at("none.jsonl")}), 1, "none.jsonl");
    expectWrong(program({"score", answers, "--profile", "ruler"}), 1, "no asked profile scores 'trec'");
    expectWrong(program({"score", file("dureader.jsonl", R"({"pred":"a","answers":["a"]})"), "--jieba", at("none")}), 1,
                "dict.txt");
    expectWrong(program({"score", file("predictions.csv", "predicted_answer,answer\na,\"['a']\"\n")}), 1, "is a table");
    expectWrong(program({"tasks", "hotpotqq"}), 2, "did you mean 'hotpotqa'?");
    expectWrong(program({"tasks", "vt", "--samples", "3"}), 2, "--out");
    expectWrong(program({"tasks", "qa_1", "--out", at("q.jsonl")}), 2, "is not made here");
    expectWrong(program({"tasks", "vt", "--length", "100", "--out", at("q.jsonl")}), 1, "does not fit into 100 tokens");
    EXPECT_FALSE(fs::exists(at("q.jsonl")));
}

TEST_F(Scores, tellSeriesApartByFolderFileAndField)
{
    file("trec/SnapKV.json", kAnswers);
    file("trec/H2O.json", kAnswers);
    const Outcome folders = program({"score", at("trec/SnapKV.json"), at("trec/H2O.json"), "--format", "csv"});
    EXPECT_THAT(folders.out, AllOf(HasSubstr("\nSnapKV,trec,"), HasSubstr("\nH2O,trec,")));
    file("a/trec.jsonl", kAnswers);
    file("b/trec.jsonl", kAnswers);
    EXPECT_THAT(program({"score", at("a/trec.jsonl"), at("b/trec.jsonl"), "--format", "csv"}).out,
                HasSubstr("b/trec.jsonl,trec,"));
}

TEST_F(Scores, listTasksWithScoresAndSources)
{
    const Outcome list = program({"tasks"});
    EXPECT_EQ(list.code, 0);
    EXPECT_THAT(list.out, AllOf(HasSubstr("niah_multikey_3"), HasSubstr("repobench-p"), HasSubstr("scbench_kv"),
                                HasSubstr("2e00731"), HasSubstr("all_classes"), HasSubstr("lm-evaluation-harness")));
    EXPECT_THAT(program({"tasks", "trec"}).out, AllOf(HasSubstr("under kvpress:"), HasSubstr("new tokens: 84"),
                                                      HasSubstr("Here are some examples of questions.")));
    EXPECT_THAT(program({"tasks", "kvcf"}).out, HasSubstr("two rows the other way round"));
}

TEST_F(Scores, makeTheSameExamplesAgain)
{
    const std::vector<std::string> line = {"tasks", "niah_single_1", "--length", "600", "--samples", "3", "--out"};
    const auto with = [&](std::vector<std::string> words, const std::string& out, std::vector<std::string> more = {}) {
        words.push_back(at(out));
        words.insert(words.end(), more.begin(), more.end());
        return program(words);
    };
    const Outcome first = with(line, "a.jsonl");
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("3 examples of niah_single_1"));
    EXPECT_EQ(with(line, "b.jsonl").code, 0);
    EXPECT_THAT(program({"tasks", "niah_single_1", "--length", "600", "--out", at("one.jsonl")}).out,
                testing::ContainsRegex("1 example of niah_single_1, [0-9]+ tokens with"));
    EXPECT_EQ(readFile(at("a.jsonl")), readFile(at("b.jsonl")));
    EXPECT_EQ(with(line, "b.jsonl", {"--seed", "7"}).code, 0) << "replaced, for it is Winnow's";
    EXPECT_NE(readFile(at("a.jsonl")), readFile(at("b.jsonl")));
    EXPECT_EQ(with({"tasks", "needle", "--depths", "3", "--length", "300", "--length", "400", "--out"}, "n.jsonl").code, 0);
    EXPECT_EQ(lines(readFile(at("n.jsonl"))), 6);
    EXPECT_EQ(with(line, "trec.csv").code, 2);
}

} // namespace
