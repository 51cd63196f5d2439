// SPDX-License-Identifier: GPL-3.0-or-later
// How Chinese is cut: by the likeliest words of a dictionary, else by states.
#include "core/tasks/text/segmenter.h"

#include <gmock/gmock.h>

namespace winnow::tasks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kStart = "P={'B': -0.3, 'E': -3.14e+100, 'M': -3.14e+100, 'S': -1.5}";
constexpr std::string_view kChanges =
    "P={'B': {'E': -0.5, 'M': -0.9}, 'E': {'B': -0.6, 'S': -0.8}, 'M': {'E': -0.3, 'M': -1.3}, 'S': {'B': "
    "-0.7, 'S': -0.7}}";
constexpr std::string_view kEmissions =
    "P={'B': {'\\u660e': -1.0}, 'E': {'\\u5929': -1.0}, 'M': {'\\u4e00': -3.6},\n 'S': {'\\u4e00': -1.0}}";

std::shared_ptr<const Segmenter> made(std::string_view dictionary)
{
    auto segmenter = Segmenter::parse(dictionary, kStart, kChanges, kEmissions);
    EXPECT_TRUE(segmenter) << segmenter.error().message;
    return segmenter.value_or(nullptr);
}

TEST(Segmenter, takesTheLikeliestWordsOfTheDictionary)
{
    const auto often = made("研究 50 v\n研究生 5 n\n生命 50 n\n命 3 n\n"),
               seldom = made("研究 1 v\n研究生 500 n\n生命 1 n\n命 300 n\n");
    EXPECT_THAT(often->cut(U"研究生命"), ElementsAre(U"研究", U"生命"));
    EXPECT_THAT(seldom->cut(U"研究生命"), ElementsAre(U"研究生", U"命"));
}

TEST(Segmenter, cutsUnknownCharactersByStatesAndKeepsEveryCharacter)
{
    const auto segmenter = made("研究 50 v\n");
    EXPECT_THAT(segmenter->cut(U"明天研究"), ElementsAre(U"明天", U"研究"));
    EXPECT_THAT(segmenter->cut(U"12.5%和v2.0"), ElementsAre(U"12.5%", U"和", U"v2.0"));
    EXPECT_THAT(segmenter->cut(U"研究\r\n, "), ElementsAre(U"研究", U"\r\n", U",", U" "));
    EXPECT_THAT(segmenter->cut(U""), ElementsAre());
}

TEST(Segmenter, refusesFilesThatAreNotJiebas)
{
    EXPECT_THAT(Segmenter::parse("研究\n", kStart, kChanges, kEmissions).error().message, HasSubstr("dict.txt, line 1"));
    EXPECT_THAT(Segmenter::parse("", kStart, kChanges, kEmissions).error().message, HasSubstr("holds no words"));
    EXPECT_THAT(Segmenter::parse("研究 1 v\n", "P={'B': ", kChanges, kEmissions).error().message, HasSubstr("prob_start.py"));
    EXPECT_FALSE(Segmenter::load("nowhere"));
}

} // namespace
} // namespace winnow::tasks
