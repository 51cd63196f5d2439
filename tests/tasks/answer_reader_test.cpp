// SPDX-License-Identifier: GPL-3.0-or-later
// Every layout that people have is read as it is, and a bad line is named.
#include "core/tasks/answer_log.h"
#include "core/tasks/answer_reader.h"
#include "tests/support/fuzz_answers_entry.h"
#include "tests/support/mutations.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

#include <fstream>

namespace winnow::tasks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Answer one(std::string_view line, const AnswerSource& source = {})
{
    auto answer = parseAnswer(line, source);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(Answer());
}

std::string whyNot(std::string_view line, const AnswerSource& source = {})
{
    const auto answer = parseAnswer(line, source);
    EXPECT_FALSE(answer) << line;
    return answer ? "" : answer.error().message;
}

TEST(AnswerReader, readsEveryLayout)
{
    const Answer longbench =
        one(R"({"pred":"Paris","answers":["Paris","Lutetia"],"all_classes":null,"length":4100})", {"hotpotqa", ""});
    EXPECT_EQ(longbench.prediction, "Paris");
    EXPECT_THAT(longbench.references, ElementsAre("Paris", "Lutetia"));
    EXPECT_EQ(longbench.length, 4100);

    const Answer factory =
        one(R"({"pred":"x","answers":["City"],"all_classes":["City","Town"],"dataset":"trec","_id":"a1","length":7})");
    EXPECT_EQ(factory.task, "trec");
    EXPECT_EQ(factory.id, "a1");
    EXPECT_THAT(factory.classes, ElementsAre("City", "Town"));

    const Answer second = one(R"j({"_id":"66","difficulty":"easy","length":"short","choice_A":"..","answer":"B",)j"
                              R"j("response":"The correct answer is (B)","pred":"B"})j");
    EXPECT_EQ(second.task, "longbench-v2");
    EXPECT_EQ(second.prediction, "The correct answer is (B)");
    EXPECT_EQ(second.size, "short");

    const Answer ruler =
        one(R"({"index":3,"pred":" 1234567.","input":"..","outputs":["1234567"],"others":{},"truncation":-1,"length":4090})",
            {"niah_single_1", ""});
    EXPECT_EQ(ruler.id, "3");
    EXPECT_THAT(ruler.references, ElementsAre("1234567"));

    const Answer turns = one(R"({"id":0,"turn_idx":2,"prediction":"5","ground_truth":5,"task":"scbench_mf"})");
    EXPECT_EQ(turns.turn, 2);
    EXPECT_THAT(turns.references, ElementsAre("5"));
    EXPECT_THAT(one(R"({"prediction":"5","ground_truth":5.0,"task":"scbench_mf"})").references, ElementsAre("5.0"));

    const Answer kvpress = one(R"({"question":"?","answer":["a"],"task":"vt","predicted_answer":"a b","compression_ratio":0.5})");
    EXPECT_EQ(kvpress.prediction, "a b");

    const Answer harness = one(

        R"({"doc_id":7,"doc":{"answers":["Location"],"all_classes":["Location","Entity"],)"
        R"("length":50},"target":"x","resps":[["Location\n"]],"filtered_resps":["Location"]})",
        {"trec", ""});
    EXPECT_EQ(harness.prediction, "Location");
    EXPECT_EQ(harness.id, "7");
    EXPECT_THAT(harness.references, ElementsAre("Location"));

    const Answer needle = one(

        R"({"model":"m","context_length":1000,"depth_percent":11.0,"version":1,"needle":"\nThe )"
        R"(best thing to do in San Francisco is eat a sandwich and sit in Dolores Park on a )"
        R"(sunny day.\n","model_response":"eat","score":1.2})");
    EXPECT_EQ(needle.task, "needle");
    EXPECT_EQ(needle.depth, 11.0);
    ASSERT_EQ(needle.references.size(), 2U);
    EXPECT_EQ(needle.references.front(), "eat a sandwich and sit in Dolores Park on a sunny day.");
}

TEST(AnswerReader, readsKvpresssNeedlesAndChoicesWithoutATask)
{
    const Answer needle = one(R"({"needle":"Mina keeps bees.","needle_depth":40,"question":"?","predicted_answer":"bees"})");
    EXPECT_EQ(needle.task, "needle");
    EXPECT_EQ(needle.depth, 40);
    EXPECT_THAT(needle.references, ElementsAre("Mina keeps bees."));
    const Answer choice = one(R"({"choice_A":"a","answer":"C","difficulty":"hard","length":"long","predicted_answer":"C"})");
    EXPECT_EQ(choice.task, "longbench-v2");
    EXPECT_EQ(choice.difficulty, "hard");
}

TEST(AnswerReader, takesTaskAndSeriesFromTheFilesPlace)
{
    EXPECT_EQ(sourceOf("pred/llama/2wikimqa.jsonl").task, "2wikimqa");
    EXPECT_EQ(sourceOf("results/hotpotqa/SnapKV.json").task, "hotpotqa");
    EXPECT_EQ(sourceOf("results/hotpotqa/SnapKV.json").series, "SnapKV");
    EXPECT_EQ(sourceOf("samples_longbench_trec_2026-08-21T19-00-00.jsonl").task, "trec");
    EXPECT_EQ(sourceOf("prediction_scbench_kv_hard_scdq.jsonl").task, "scbench_kv_hard");
    EXPECT_EQ(sourceOf("qasper_e.jsonl").task, "qasper_e");
    EXPECT_EQ(sourceOf("answers.jsonl").task, "");
}

TEST(AnswerReader, namesABadLineAndGoesOn)
{
    const AnswerSet set = parseAnswers("{\"pred\":\"a\",\"answers\":[\"a\"]}\r\n"
                                       "\n"
                                       "{\"pred\":\"a\",\"answers\":[\"a\"]\n"
                                       "{\"pred\":\"b\",\"answers\":[\"a\"]}\n"
                                       "{\"pred\":\"c\",\"answers\":[\"a",
                                       {"hotpotqa", ""});
    EXPECT_THAT(set.lines, ElementsAre(1, 4));
    ASSERT_EQ(set.bad.size(), 2U);
    EXPECT_EQ(set.bad[0].line, 3U);
    EXPECT_EQ(set.bad[1].line, 5U);
    EXPECT_THAT(set.bad[0].why, HasSubstr("is not valid JSON"));
}

TEST(AnswerReader, readsAnArrayAndAnObjectOverSeveralLines)
{
    const AnswerSet array = parseAnswers("[\n {\"pred\":\"a\",\"answers\":[\"a\"]},\n 7\n]", {"hotpotqa", ""});
    EXPECT_THAT(array.lines, ElementsAre(1));
    ASSERT_EQ(array.bad.size(), 1U);
    EXPECT_EQ(array.bad[0].line, 2U);
    EXPECT_EQ(parseAnswers("{\n \"pred\": \"a\",\n \"answers\": [\"a\"]\n}\n", {"hotpotqa", ""}).answers.size(), 1U);
}

TEST(AnswerReader, saysWhatALineLacks)
{
    EXPECT_THAT(whyNot(R"({"answers":["a"]})", {"hotpotqa", ""}), HasSubstr("holds no answer"));
    EXPECT_THAT(whyNot(R"({"pred":"a"})", {"hotpotqa", ""}), HasSubstr("holds no right answer"));
    EXPECT_THAT(whyNot(R"({"pred":null,"answers":["a"]})", {"hotpotqa", ""}), HasSubstr("'pred' is nothing, expected a text"));
    EXPECT_THAT(whyNot(R"({"pred":"a","answers":["a",{}]})", {"hotpotqa", ""}), HasSubstr("'answers' holds a JSON object"));
    EXPECT_THAT(whyNot(R"({"pred":"a","answers":["a"]})"), HasSubstr("names no task, and the file's name is none; say --task"));
    EXPECT_THAT(whyNot(R"({"pred":"a","answers":["a"],"task":"hotpotqq"})"), HasSubstr("did you mean 'hotpotqa'?"));
    EXPECT_THAT(whyNot("[1]"), HasSubstr("is a JSON array"));
    EXPECT_THAT(whyNot("\"\\ud800\""), HasSubstr("JSON"));
}

Answer full()
{
    Answer answer{
        .task = "needle", .id = "3", .series = "h2o:budget=64", .model = "demo", .asked = "winnow", .cut = "none", .turn = 1};
    answer.prediction = "line\n\"quoted\" \u2028 é";
    answer.references = {"a", "the needle is a"};
    answer.classes = {"x"};
    answer.length = 512;
    answer.depth = 50;
    answer.difficulty = "easy";
    answer.size = "short";
    answer.queryAware = false;
    answer.chatTemplate = true;
    answer.promptTokens = 500;
    answer.newTokens = 8;
    answer.seed = 7;
    answer.contextLength = 600;
    answer.storedSlots = 64.5;
    answer.cacheBytes = 4096;
    answer.temperature = 0.25;
    return answer;
}

TEST(AnswerLine, isReadBackAsItWas)
{
    Answer answer = full();
    answer.references = {"a"}; // of the own layout, whatever the task
    const std::string line = answerLine(answer);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(one(line.substr(0, line.size() - 1)), answer);
    answer.prediction = "cut \xE2\x82";
    EXPECT_THAT(one(answerLine(answer)).prediction, HasSubstr("cut \xEF\xBF\xBD"));
}

TEST(AnswerLog, goesOnWhereAKilledRunEnded)
{
    const testing_support::TemporaryFolder folder;
    const auto path = folder / "answers.jsonl";
    Answer first = full(), second = full();
    second.id = "4";
    {
        auto log = AnswerLog::open(path);
        ASSERT_TRUE(log) << log.error().message;
        EXPECT_TRUE(log->append(first));
        EXPECT_TRUE(log->holds(first));
        const auto other = AnswerLog::open(path);
        ASSERT_FALSE(other);
        EXPECT_THAT(other.error().message, HasSubstr("is being written by another process"));
    }
    std::ofstream(path, std::ios::app) << answerLine(second).substr(0, 40); // killed within a line
    auto log = AnswerLog::open(path);
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_EQ(log->count(), 1U);
    EXPECT_FALSE(log->holds(second));
    EXPECT_TRUE(log->append(second));
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(text, answerLine(first) + answerLine(second));
}

TEST(AnswerLog, goesOnWithItsOwnPlanOnly)
{
    const testing_support::TemporaryFolder folder;
    auto log = AnswerLog::open(folder / "answers.jsonl");
    ASSERT_TRUE(log);
    ASSERT_TRUE(log->append(full()));
    EXPECT_EQ(log->answers(), std::vector{full()});
    Answer planned = full(), further = full();
    planned.series = planned.prediction = "";
    further.id = "77";
    EXPECT_TRUE(log->checkPlan(std::vector{planned, further})) << "other examples and series may join";
    const auto refused = [&](auto change) {
        Answer other = planned;
        change(other);
        const auto answer = log->checkPlan(std::vector{other});
        return answer ? std::string() : answer.error().message;
    };
    EXPECT_THAT(refused([](Answer& other) { other.model = "another"; }), HasSubstr("has model"));
    EXPECT_THAT(refused([](Answer& other) { other.asked = "kvcf"; }), HasSubstr("has the profile"));
    EXPECT_THAT(refused([](Answer& other) { other.references = {"another"}; }), HasSubstr("has the right answer"));
    EXPECT_THAT(refused([](Answer& other) { other.promptTokens = 1; }), HasSubstr("has prompt_tokens"));
    EXPECT_THAT(refused([](Answer& other) { other.temperature = 0.5; }),
                HasSubstr("has temperature '0.25' there and '0.5' here"));
}

TEST(AnswerLog, leavesFilesOfOthersAlone)
{
    const testing_support::TemporaryFolder folder;
    folder.write("notes.txt", "mine\n");
    folder.write("broken.jsonl", answerLine(full()) + "{\"winnow\":1,\n");
    const auto notes = AnswerLog::open(folder / "notes.txt"), broken = AnswerLog::open(folder / "broken.jsonl"),
               none = AnswerLog::open(folder.path());
    ASSERT_FALSE(notes);
    EXPECT_THAT(notes.error().message, HasSubstr("holds no answers of Winnow's"));
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().message, HasSubstr("line 2 "));
    EXPECT_FALSE(none);
}

TEST(AnswerReader, survivesDamagedFiles)
{
    Answer plain = full();
    const std::string line = answerLine(plain);
    examine({line + line, R"([{"pred":"a","answers":["a"],"task":"trec","all_classes":["a"],"length":5}])",
             R"({"doc":{"answers":["x"]},"filtered_resps":[["y"]],"task":"longbench_trec","doc_id":1})",
             "{\n\"needle\":\"n\",\"model_response\":\"r\",\"depth_percent\":1.5}",
             R"({"prediction":"5","ground_truth":5.5,"task":"scbench_mf","turn_idx":3})",
             R"({"context":"c{x}","input":"Who?\nType:","answers":["x"],"dataset":"trec","all_classes":["x"]})",
             R"({"input":"text What is the special magic number for a?","outputs":["1"],"answer_prefix":" it","task":"vt"})"},
            fuzzAnswers);
}

} // namespace
} // namespace winnow::tasks
