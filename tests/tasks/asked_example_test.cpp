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
