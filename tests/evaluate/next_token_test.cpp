// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/next_token.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

at::Tensor rows(std::initializer_list<std::initializer_list<double>> probabilities)
{
    std::vector<at::Tensor> lines;
    for (const auto& line : probabilities)
        lines.push_back(at::tensor(std::vector<double>(line)).log().to(at::kFloat) + 3); // a constant changes no softmax
    return at::stack(lines);
}

TEST(NextToken, isJudgedByWhatTheStepBeforeItSaid)
{
    const std::vector<std::int32_t> tokens{2, 0, 1};
    NextTokenScores scores = emptyScores(3);
    scoreRows(tokens, 0, rows({{0.5, 0.25, 0.25}, {0.1, 0.8, 0.1}, {0.2, 0.2, 0.6}}), {}, scores);
    EXPECT_TRUE(std::isnan(scores.logprob[0]));
    EXPECT_NEAR(scores.logprob[1], std::log(0.5), 1e-6);
    EXPECT_NEAR(scores.logprob[2], std::log(0.8), 1e-6);
    EXPECT_TRUE(std::isnan(scores.kl[1])) << "there was nothing to compare with";
    EXPECT_TRUE(std::isnan(scores.agrees[1]));
}

TEST(NextToken, isComparedWithTheFullCacheOfTheSameStep)
{
    const std::vector<std::int32_t> tokens{0, 1, 1, 0};
    NextTokenScores scores = emptyScores(4);
    scoreRows(tokens, 1, rows({{0.25, 0.75}, {0.5, 0.5}}), rows({{0.5, 0.5}, {0.25, 0.75}}), scores);
    EXPECT_TRUE(std::isnan(scores.kl[1])) << "step 0 said nothing";
    EXPECT_NEAR(scores.kl[2], 0.5 * std::log(0.5 / 0.25) + 0.5 * std::log(0.5 / 0.75), 1e-6);
    EXPECT_NEAR(scores.kl[3], 0.25 * std::log(0.25 / 0.5) + 0.75 * std::log(0.75 / 0.5), 1e-6);
    EXPECT_EQ(scores.agrees[2], 0) << "0 of equals, against 1";
    EXPECT_EQ(scores.agrees[3], 0);
    scoreRows(tokens, 1, rows({{0.25, 0.75}, {0.5, 0.5}}), rows({{0.25, 0.75}, {0.5, 0.5}}), scores);
    EXPECT_EQ(scores.kl[2], 0);
    EXPECT_EQ(scores.agrees[2], 1);
}

TEST(NextToken, thatIsRuledOutByBothAddsNothing)
{
    const std::vector<std::int32_t> tokens{0, 1};
    NextTokenScores scores = emptyScores(2);
    const at::Tensor both = rows({{0.5, 0.5, 0}});
    scoreRows(tokens, 0, both, both, scores);
    EXPECT_EQ(scores.kl[1], 0);
}

} // namespace
} // namespace winnow
