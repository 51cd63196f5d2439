// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/needle_grid.h"

#include "core/tasks/answer_reader.h"
#include "core/tasks/score_kinds.h"

#include <gmock/gmock.h>

namespace winnow::tasks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Answer said(std::string series, std::int64_t length, double depth, std::string prediction, std::string id = "0")
{
    Answer answer{.task = "needle", .id = std::move(id), .series = std::move(series)};
    answer.prediction = std::move(prediction);
    answer.references = {"eat a sandwich.", "The best thing to do is eat a sandwich."};
    answer.contextLength = length;
    answer.length = static_cast<double>(length) - 3;
    answer.depth = depth;
    return answer;
}

TEST(NeedleGrid, hasACellForEveryLengthAndDepthOfAllSeries)
{
    std::vector<Answer> answers{said("full", 2048, 50, "You should eat a sandwich."), said("full", 512, 0, "sleep"),
                                said("full", 2048, 50, "no", "1"), said("h2o", 512, 100, "eat")};
    answers.push_back(said("full", 64, 0, "not a needle"));
    answers.back().task = "hotpotqa";
    const auto grids = needleGrids(answers);
    ASSERT_EQ(grids.size(), 2U);
    EXPECT_EQ(grids[0].series, "full");
    EXPECT_THAT(grids[0].lengths, ElementsAre(512, 2048)) << "as asked for, not as it fitted";
    EXPECT_THAT(grids[0].depths, ElementsAre(0, 50, 100));
    EXPECT_THAT(grids[0].at(1, 1).answers, ElementsAre(0, 2));
    EXPECT_THAT(grids[1].at(2, 0).answers, ElementsAre(3));
    EXPECT_TRUE(grids[1].at(0, 0).answers.empty());
    EXPECT_DOUBLE_EQ(grids[0].at(1, 1).scores[0], 0.5) << "exact: one of two answers";
    EXPECT_DOUBLE_EQ(grids[1].at(2, 0).scores[0], 0);
    EXPECT_NEAR(grids[1].at(2, 0).scores[2], 1.0 / 3, 1e-12) << "one of the answer's three words";
}

TEST(NeedleGrid, namesItsThreeScores)
{
    EXPECT_EQ(needleScores()[0]->name, "exact");
    EXPECT_EQ(needleScores()[1]->name, "needle-stemmed");
    EXPECT_EQ(needleScores()[2]->name, "needle-words");
}

TEST(NeedleGrid, writesCellsThatAreReadAsTheScriptsWriteThem)
{
    const Answer answer = said("treekv:budget=128", 2048, 12.5, "eat a sandwich.", "7");
    const std::string json = needleCellJson(answer);
    EXPECT_THAT(json, HasSubstr("\"context_length\": 2048"));
    EXPECT_THAT(json, HasSubstr("\"depth_percent\": 12.5"));
    EXPECT_THAT(json, HasSubstr("\"model_response\": \"eat a sandwich.\""));
    const AnswerSet again = parseAnswers(json, {});
    ASSERT_EQ(again.answers.size(), 1U);
    EXPECT_EQ(again.answers[0].task, "needle");
    EXPECT_EQ(again.answers[0].references, answer.references);
    EXPECT_EQ(again.answers[0].contextLength, 2048);
    EXPECT_EQ(needleCellName(answer), "treekv-budget-128_len_2048_depth_1250_7.json");
}

TEST(NeedleGrid, findsTheHiddenSentenceInAPrompt)
{
    const Answer answer = said("full", 64, 0, "");
    EXPECT_EQ(hiddenPlace("Hay. The best thing to do is eat a sandwich. Hay.", answer),
              std::pair(std::size_t{5}, std::size_t{44}));
    EXPECT_FALSE(hiddenPlace("Hay.", answer));
}

} // namespace
} // namespace winnow::tasks
