// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of head scores, as HeadKV and DuoAttention publish them.
#include "core/replay/head_scores.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(HeadScores, readsListsByLayerAndHead)
{
    const auto scores = parseHeadScores(R"({"0-0": [1, 3], "0-1": [2]})", "'heads.json'", 1, 2);
    ASSERT_TRUE(scores) << scores.error().message;
    EXPECT_THAT(*scores, ElementsAre(DoubleEq(.5), DoubleEq(.5)));
}

TEST(HeadScores, readsALineOfKvHeadsForEachLayer)
{
    const auto scores = parseHeadScores("0.5\t1.5\n0\t-2\n", "'heads.tsv'", 2, 4); // held between 0 and 1, as the authors do
    ASSERT_TRUE(scores) << scores.error().message;
    EXPECT_THAT(*scores, ElementsAre(DoubleEq(1. / 6), DoubleEq(1. / 6), DoubleEq(1. / 3), DoubleEq(1. / 3), 0, 0, 0, 0));
}

TEST(HeadScores, refusesOtherShapesInOneSentence)
{
    const auto refusal = [](std::string_view text) {
        const auto scores = parseHeadScores(text, "'heads'", 2, 4);
        return scores ? std::string() : scores.error().message;
    };
    EXPECT_THAT(refusal("0.5 1\n"), HasSubstr("it has 1 lines, expected 2"));
    EXPECT_THAT(refusal("0.5 1 2\n1 2 3\n"), HasSubstr("line 1 has 3 numbers"));
    EXPECT_THAT(refusal("0.5 1\n1\n"), HasSubstr("line 2 has 1 numbers"));
    EXPECT_THAT(refusal("0.5 1\n1 x\n"), HasSubstr("line 2 holds 'x'"));
    EXPECT_THAT(refusal("0 0\n0 0\n"), HasSubstr("all zero"));
    EXPECT_THAT(refusal(R"({"0-0": [1]})"), HasSubstr("no list \"0-1\""));
}

} // namespace
} // namespace winnow
