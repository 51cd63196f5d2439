// SPDX-License-Identifier: GPL-3.0-or-later
// Data as people have them become prompts as each profile asks them.
#include "core/tasks/asked_example.h"

#include <gmock/gmock.h>

namespace winnow::tasks {
namespace {

using testing::HasSubstr;

AskedExample asked(std::string_view line, std::string_view task, std::string_view profile)
{
    const AskedSet set = askExamples(line, {std::string(task), ""}, *findProfile(profile));
    EXPECT_EQ(set.examples.size(), 1U) << (set.bad.empty() ? "" : set.bad.front().why);
    return set.examples.empty() ? AskedExample() : set.examples.front();
}

const std::string kTrec =
    R"({"input":"Question: Who?\nType:","context":"Question: What {is} it?\nType: Entity","answers":["Human"],)"
    R"("length":40,"dataset":"trec","all_classes":["Human","Entity"],"_id":"x"})";

TEST(AskedExample, isLongBenchsPromptAndKvpresssParts)
{
    const AskedExample own = asked(kTrec, "", "longbench");
    EXPECT_EQ(own.prompt(), "Please determine the type of the question below. Here are some examples of questions.\n\n"
                            "Question: What {is} it?\nType: Entity\nQuestion: Who?\nType:");
    EXPECT_EQ(own.answer.id, "x");
    EXPECT_EQ(own.answer.asked, "longbench");
    EXPECT_EQ(own.answer.references, std::vector<std::string>{"Human"});
    EXPECT_EQ(own.answer.classes.size(), 2U);
    const AskedExample parts = asked(kTrec, "", "kvpress");
    EXPECT_EQ(parts.question, "Question: Who?\n");
    EXPECT_EQ(parts.lead, "Type:");
    EXPECT_EQ(parts.prompt(), own.prompt());
    EXPECT_EQ(parts.rule.newTokens, 84);
}

TEST(AskedExample, losesBlanksAtItsEndUnderLmEval)
{
    const std::string line = R"({"context":"code","input":"","answers":["x"],"all_classes":null})";
    EXPECT_EQ(asked(line, "lcc", "longbench").prompt(), "Please complete the code given below. \ncodeNext line of code:\n");
    EXPECT_EQ(asked(line, "lcc", "lm-eval").prompt(), "Please complete the code given below. \ncodeNext line of code:");
}

TEST(AskedExample, partsRulersInputWhereItsQuestionBegins)
{
    const AskedExample ruler = asked(
        R"({"index":0,"input":"A special magic number is hidden.\nWhat is the special magic number for a-b )"
        R"(mentioned in the provided text?",)"
        R"("outputs":["1"],"length":9,"answer_prefix":" The special magic number for a-b mentioned in the provided text is"})",
        "niah_single_1", "ruler");
    EXPECT_EQ(ruler.context, "A special magic number is hidden.\n");
    EXPECT_THAT(ruler.question, testing::StartsWith("What is the special magic number for a-b"));
    EXPECT_THAT(ruler.prompt(), testing::EndsWith("text? The special magic number for a-b mentioned in the provided text is"));
}

TEST(AskedExample, takesKvpresssColumnsAndTheChoicesOfLongBench2)
{
    const AskedExample columns =
        asked(R"({"context":"c","question":"q","answer_prefix":"p","answer":["a"],"task":"vt"})", "", "kvpress");
    EXPECT_EQ(columns.prompt(), "cqp");
    const AskedExample choices =
        asked(R"({"_id":"1","context":" text ","question":"Which?","choice_A":"one","choice_B":"two","choice_C":"three",)"
              R"("choice_D":"four","answer":"B","difficulty":"easy","length":"short"})",
              "longbench-v2", "longbench");
    EXPECT_THAT(
        choices.prompt(),
        HasSubstr("<text>\ntext\n</text>\n\nWhat is the correct answer to this question: Which?\nChoices:\n(A) one\n(B) two"));
    EXPECT_EQ(choices.answer.references, std::vector<std::string>{"B"});
}

TEST(AskedExample, takesRulersInputWithoutItsPrefix)
{
    const AskedExample older =
        asked(R"({"index":4,"input":"A text. The number is","outputs":["1"],"length":9})", "niah_single_1", "ruler");
    EXPECT_EQ(older.prompt(), "A text. The number is");
    EXPECT_EQ(older.lead, "");
}

TEST(AskedExample, isNamedByItsLineWhereItHasNoId)
{
    const AskedSet set = askExamples(R"({"context":"c","question":"q","answer_prefix":"p","answer":["a"],"task":"vt"}

{"context":"d","question":"q","answer_prefix":"p","answer":["a"],"task":"vt"})",
                                     {}, *findProfile("kvpress"));
    ASSERT_EQ(set.examples.size(), 2U);
    EXPECT_EQ(set.examples[0].answer.id, "line 1");
    EXPECT_EQ(set.examples[1].answer.id, "line 3");
}

TEST(AskedExample, isATurnOfScBenchBehindItsContext)
{
    const AskedSet set = askExamples(R"({"id":7,"context":"{\"a\": \"b\"}","multi_turns":[{"input":"Key: a","answer":"b"},)"
                                     R"({"input":"Key: c","answer":"d"}]})",
                                     {"scbench_kv", ""}, *findProfile("scbench"));
    ASSERT_EQ(set.examples.size(), 2U);
    EXPECT_EQ(set.examples[1].context,
              "Extract the value corresponding to the specified key in the JSON object below.\n\n{\"a\": \"b\"}");
    EXPECT_EQ(set.examples[1].question, "Key: c");
    EXPECT_EQ(set.examples[1].answer.id, "7");
    EXPECT_EQ(set.examples[1].answer.turn, 1);
    EXPECT_EQ(set.examples[1].answer.references, std::vector<std::string>{"d"});
    EXPECT_EQ(set.examples[1].rule.question, QuestionPlace::BehindContext);
    EXPECT_EQ(set.examples[1].rule.newTokens, 150);
}

TEST(AskedExample, fillsInWhatScBenchsWordingsAskFor)
{
    const AskedExample choice = asked(R"({"id":0,"context":"c","multi_turns":[{"input":"Who?","answer":"Bert",)"
                                      R"("options":["Anna","Bert","Carl","Dora"]}]})",
                                      "scbench_choice_eng", "scbench");
    EXPECT_EQ(choice.question + choice.lead, "Question: Who?\nA. Anna\nB. Bert\nC. Carl\nD. Dora\n\nThe the correct answer is");
    EXPECT_EQ(choice.answer.references, (std::vector<std::string>{"Bert", "B"}));
    const AskedExample statistic =
        asked(R"({"id":0,"context":"[1, 9]","multi_turns":[{"input":"Find it. The largest number is: ","answer":9}]})",
              "scbench_mf", "scbench");
    EXPECT_EQ(statistic.prompt(),
              "Find it. The largest number is: \n\n[1, 9]What is the largest number?\n\nFind it. The largest number is: ");
    EXPECT_EQ(statistic.answer.references, std::vector<std::string>{"9"});
}

TEST(AskedExample, isNotAskedWhereItCouldNotBeScored)
{
    const AskedSet set = askExamples(R"({"input":"q","context":"c","answers":["Human"],"dataset":"trec","all_classes":null})", {},
                                     *findProfile("longbench"));
    ASSERT_EQ(set.bad.size(), 1U);
    EXPECT_EQ(set.bad.front().why, "lacks the names of all classes (all_classes), by which trec is scored");
    const char* const nothingRight = R"({"task":"vt","input":"a b c","question":"c","answer_prefix":" It is","outputs":[]})";
    const AskedSet none = askExamples(nothingRight, {}, *findProfile("ruler"));
    ASSERT_EQ(none.bad.size(), 1U);
    EXPECT_EQ(none.bad.front().why, "holds an empty list of right answers, so that nothing could score what is said");
    const AskedSet zero =
        askExamples(R"({"input":"q","context":"c","answers":[],"dataset":"hotpotqa"})", {}, *findProfile("longbench"));
    EXPECT_EQ(zero.examples.size(), 1U) << "LongBench's own program gives it 0, and counts it";
}

TEST(AskedExample, namesTurnsThatAreNone)
{
    for (const auto& [line, why] :
         {std::pair(R"({"context":"c","multi_turns":[]})", "has no turns in its member 'multi_turns'"),
          std::pair(R"({"context":"c","multi_turns":"x"})", "has no turns in its member 'multi_turns'"),
          std::pair(R"({"context":"c","multi_turns":[3]})", "that is no object with 'input' and 'answer'"),
          std::pair(R"({"context":"c","multi_turns":[{"answer":"x"}]})", "holds no text 'input'")}) {
        const AskedSet set = askExamples(line, {"scbench_kv", ""}, *findProfile("scbench"));
        ASSERT_EQ(set.bad.size(), 1U) << line;
        EXPECT_THAT(set.bad.front().why, HasSubstr(why));
    }
}

TEST(AskedExample, namesLinesThatCannotBeAsked)
{
    const AskedSet set =
        askExamples("{\"answers\":[\"a\"],\"context\":\"c\"}\nnone\n" + kTrec, {"hotpotqa", ""}, *findProfile("longbench"));
    ASSERT_EQ(set.bad.size(), 2U);
    EXPECT_THAT(set.bad[0].why, HasSubstr("holds no text 'input', which its prompt needs"));
    EXPECT_EQ(set.bad[1].line, 2U);
    EXPECT_THAT(askExamples(kTrec, {}, *findProfile("ruler")).bad.front().why, HasSubstr("which ruler does not ask"));
}

} // namespace
} // namespace winnow::tasks
