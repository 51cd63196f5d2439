// SPDX-License-Identifier: GPL-3.0-or-later
// The same answers get different numbers under different profiles, for the reasons that the profiles give.
#include "core/tasks/score_table.h"

#include <gmock/gmock.h>

#include <map>

namespace winnow::tasks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ScoreTable scored(std::string_view lines, const AnswerSource& source, ScoreOptions options = {})
{
    const AnswerSet set = parseAnswers(lines, source);
    EXPECT_THAT(set.bad, IsEmpty());
    auto table = scoreAnswers(set, options, {});
    EXPECT_TRUE(table);
    return *table;
}

/// "profile score" -> value, of the rows over all answers.
std::map<std::string, double> valuesOf(const ScoreTable& table)
{
    std::map<std::string, double> values;
    for (const ScoreRow& row : table.rows)
        if (row.part.empty() && row.score != nullptr)
            values[fmt::format("{} {}", row.profile->name, row.score->name)] = row.value;
    return values;
}

TEST(ScoreTable, takesOtherFirstLinesUnderOtherProfiles)
{
    auto values =
        valuesOf(scored(R"({"pred":"\n \nLocation","answers":["Location"],"all_classes":["Location","Entity"]})", {"trec", ""}));
    EXPECT_EQ(values["longbench classification"], 0) << "the first line behind line feeds is a blank one";
    EXPECT_EQ(values["kvcf classification"], 0);
    EXPECT_EQ(values["kvpress classification"], 100) << "all blanks go first";
    EXPECT_EQ(values["lm-eval classification"], 0) << "generation would have stopped at the first line feed";
    values = valuesOf(
        scored(R"({"pred":"\n Location\nEntity","answers":["Location"],"all_classes":["Location","Entity"]})", {"trec", ""}));
    EXPECT_EQ(values["longbench classification"], 100);
}

TEST(ScoreTable, scoresTheSameLineOfCodeInFourWays)
{
    const auto values = valuesOf(scored(R"({"pred":"\n \n    return x","answers":["    return x"]})", {"lcc", ""}));
    EXPECT_NEAR(values.at("longbench code-difflib"), 15, 1e-9) << "the line is a blank";
    EXPECT_NEAR(values.at("kvpress code-difflib"), 80, 1e-9) << "the indent is gone";
    EXPECT_NEAR(values.at("lm-eval code-line-difflib"), 100, 1e-9) << "blank lines are skipped";
    EXPECT_TRUE(values.contains("longbench code-levenshtein"));
}

TEST(ScoreTable, countsRulersQuestionsByAnyReferenceOrByTheirMean)
{
    const auto qa = valuesOf(scored(R"({"pred":"in PARIS","outputs":["Paris","the City of Light"]})", {"qa_1", ""}));
    EXPECT_EQ(qa.at("ruler match-any"), 100);
    EXPECT_EQ(qa.at("kvpress match-any"), 100);
    EXPECT_EQ(qa.at("lm-eval match-all"), 50);
    EXPECT_FALSE(qa.contains("kvcf match-any"));
    const auto split = valuesOf(scored(R"({"pred":"12\u000134","outputs":["1234"]})", {"niah_single_1", ""}));
    EXPECT_EQ(split.at("ruler match-all"), 0);
    EXPECT_EQ(split.at("kvpress match-all"), 100) << "control characters vanish";
}

TEST(ScoreTable, tellsThreeNeedleScores)
{
    const auto values = valuesOf(scored(

        R"({"needle":"The best thing to do in San Francisco is eat a sandwich and sit in )"
        R"(Dolores Park on a sunny day.","model_response":"Eat a sandwich and sit in Dolores )"
        R"(Park on a sunny day."})",
        {}));
    EXPECT_EQ(values.at("winnow exact"), 100);
    EXPECT_EQ(values.at("kvcf needle-words"), 100);
    EXPECT_NEAR(values.at("kvcf needle-stemmed"), 10 * 24.0 / 33, 1e-9) << "twelve of 21 words";
    EXPECT_NEAR(values.at("kvpress needle-rouge-1"), 100 * 20.0 / 30, 1e-5) << "ten of 19 and of 11 distinct words, case counts";
}

TEST(ScoreTable, takesTheBestReferenceAndTellsMeanCountAndInterval)
{
    std::string lines;
    for (int i = 0; i < 100; ++i)
        lines +=
            i % 4 == 0 ? "{\"pred\":\"red\",\"answers\":[\"blue\",\"red\"]}\n" : "{\"pred\":\"red\",\"answers\":[\"blue\"]}\n";
    const ScoreTable table = scored(lines, {"hotpotqa", "SnapKV"}, {.profiles = {findProfile("longbench")}});
    ASSERT_EQ(table.rows.size(), 1U);
    const ScoreRow& row = table.rows.front();
    EXPECT_EQ(row.series, "SnapKV");
    EXPECT_EQ(row.count, 100U);
    EXPECT_EQ(row.value, 25);
    ASSERT_TRUE(row.interval);
    EXPECT_NEAR(row.interval->low, 25 - 1.96 * 4.33, 2) << "the normal approximation";
    EXPECT_NEAR(row.interval->high, 25 + 1.96 * 4.33, 2);
    EXPECT_FALSE(bootstrapInterval(std::vector<double>{1}));
}

TEST(ScoreTable, tellsPartsAndTheMeanOverTasks)
{
    const ScoreTable table = scored("{\"pred\":\"a1\",\"answers\":[\"a1\"],\"length\":3999,\"task\":\"qasper_e\"}\n"
                                    "{\"pred\":\"b1\",\"answers\":[\"a1\"],\"length\":4000,\"task\":\"qasper_e\"}\n"
                                    "{\"pred\":\"a1\",\"answers\":[\"a1\"],\"length\":8000,\"task\":\"hotpotqa_e\"}\n",
                                    {}, {.profiles = {findProfile("longbench")}, .parts = true});
    std::vector<std::string> told;
    for (const ScoreRow& row : table.rows)
        told.push_back(fmt::format("{}/{} {} {}", row.task, row.part, row.count, row.value));
    EXPECT_THAT(told, ElementsAre("qasper_e/ 2 50", "qasper_e/0-4k 1 100", "qasper_e/4-8k 1 0", "hotpotqa_e/ 1 100",
                                  "hotpotqa_e/8k+ 1 100", "mean of 2 LongBench tasks/ 3 75"));
}

TEST(ScoreTable, refusesChineseWordsByNameAndNamesAnswersThatLackSomething)
{
    const ScoreTable chinese = scored(R"({"pred":"北京","answers":["北京"]})", {"multifieldqa_zh", ""});
    EXPECT_THAT(chinese.rows, IsEmpty());
    ASSERT_EQ(chinese.refused.size(), 1U);
    EXPECT_THAT(chinese.refused.front(),
                HasSubstr("QA-F1 for Chinese, whose words are those of jieba, and its dictionary is not here"));
    const ScoreTable numbers = scored("{\"pred\":\"段落3\",\"answers\":[\"段落3\"]}\n{\"pred\":\"3\",\"answers\":[\"3\"]}\n",
                                      {"passage_retrieval_zh", ""}, {.profiles = {findProfile("longbench")}});
    ASSERT_EQ(numbers.unjudged.size(), 1U);
    EXPECT_EQ(numbers.unjudged.front().answer, 1U);
    EXPECT_THAT(numbers.unjudged.front().why, HasSubstr("it lacks references like '段落12'"));
    EXPECT_EQ(numbers.rows.front().count, 1U);
    EXPECT_THAT(scored(R"({"pred":"a","outputs":[]})", {"vt", ""}).rows, IsEmpty()) << "RULER does not allow it";
}

TEST(Profiles, haveARuleForEveryTaskSomewhereAndNoneWithoutScores)
{
    for (const TaskInfo& task : taskCatalog()) {
        int rules = 0;
        for (const Profile& profile : profiles())
            if (const auto rule = ruleOf(profile, task)) {
                EXPECT_FALSE(rule->scores.empty()) << profile.name << " " << task.name;
                EXPECT_GT(rule->newTokens, 0);
                ++rules;
            }
        EXPECT_GE(rules, 1) << task.name;
        (void)scoreKind(task.score);
    }
    const auto firstScore = [](std::string_view profile) {
        return ruleOf(*findProfile(profile), *findTask("lcc"))->scores.front()->name;
    };
    EXPECT_EQ(firstScore("longbench"), "code-difflib");
    EXPECT_EQ(firstScore("kvcf"), "code-levenshtein") << "its requirements install python-Levenshtein";
    EXPECT_EQ(ruleOf(*findProfile("kvcf"), *findTask("cwe"))->newTokens, 64);
    EXPECT_EQ(ruleOf(*findProfile("ruler"), *findTask("cwe"))->newTokens, 120);
    const TaskInfo& trec = *findTask("trec");
    EXPECT_EQ(ruleOf(*findProfile("longbench"), trec)->chat, ChatUse::No);
    EXPECT_EQ(ruleOf(*findProfile("kvpress"), trec)->chat, ChatUse::Yes);
    EXPECT_EQ(ruleOf(*findProfile("kvpress"), trec)->newTokens, 84);
    EXPECT_EQ(ruleOf(*findProfile("kvpress"), trec)->question, QuestionPlace::BehindContext);
    EXPECT_EQ(ruleOf(*findProfile("lm-eval"), trec)->stop, "\n");
    EXPECT_EQ(wholePrompt(trec.wording),
              "Please determine the type of the question below. Here are some examples of questions.\n\n{context}\n{input}");
}

TEST(Profiles, cutTheMiddleOrTheEnd)
{
    const auto kept = [](Cut cut, std::size_t count, std::size_t most, bool second = false) {
        const KeptTokens tokens = keptTokens(cut, count, most, second);
        return std::pair(tokens.head, tokens.tail);
    };
    EXPECT_EQ(kept(Cut::Middle, 10, 10), std::pair(std::size_t{10}, std::size_t{0}));
    EXPECT_EQ(kept(Cut::Middle, 11, 7), std::pair(std::size_t{3}, std::size_t{3})) << "int(7 / 2) on both sides";
    EXPECT_EQ(kept(Cut::Middle, 11, 7, true), std::pair(std::size_t{3}, std::size_t{4})) << "-7 // 2 is -4";
    EXPECT_EQ(kept(Cut::EndOfContext, 11, 7), std::pair(std::size_t{7}, std::size_t{0}));
}

TEST(ScoreTable, tellsWhatAnswersSayOfThemselvesAndTheTurnsOfTheirQuestions)
{
    const ScoreTable table =
        scored(R"({"task":"lists","id":"0","prediction":"4","references":["4"],"depth":10,"stored_slots":130,"cache_bytes":1000})"
               "\n"
               R"({"task":"lists","id":"0","turn":1,"prediction":"5","references":["6"],"depth":10,"stored_slots":140})",
               {}, {.parts = true});
    ASSERT_EQ(table.rows.size(), 3U) << "all, and two turns; the depth is the first question's";
    EXPECT_EQ(table.rows[0].storedSlots, 135);
    EXPECT_EQ(table.rows[0].cacheBytes, 1000) << "of those that say it";
    EXPECT_EQ(table.rows[1].part, "turn 0");
    EXPECT_EQ(table.rows[2].value, 0);
}

TEST(ScoreTable, stopsWithinOneLongAnswer)
{
    std::string text, line;
    for (int word = 0; word < 120000; ++word)
        text += fmt::format("w{}{}", word % 5000, word % 10 == 9 ? ". " : " ");
    line = fmt::format(R"({{"prediction":"{}","answers":["{}"]}})", text, text);
    const AnswerSet set = parseAnswers(line, {"gov_report", ""});
    std::stop_source stop;
    double least = 1;
    const JobContext job(stop.get_token(), [&](std::string_view, double fraction) {
        least = std::min(least, fraction);
        stop.request_stop();
    });
    const auto table = scoreAnswers(set, {}, job);
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, ErrorCode::Cancelled);
    EXPECT_LT(least, 0.5) << "told and stopped before the answer was done";
}

} // namespace
} // namespace winnow::tasks
