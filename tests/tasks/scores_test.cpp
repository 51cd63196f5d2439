// SPDX-License-Identifier: GPL-3.0-or-later
// What surprises in the published scorers, stated one by one, and the fast subsequences against the plain table.
#include "core/tasks/scores/answers_of_words.h"
#include "core/tasks/scores/code_similarity.h"
#include "core/tasks/scores/common_subsequence.h"
#include "core/tasks/scores/rouge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace winnow::tasks {
namespace {

/// The textbook's table, read back from its end.
CommonPath plainPath(const std::vector<std::uint32_t>& x, const std::vector<std::uint32_t>& y, CommonTies ties)
{
    std::vector<std::vector<int>> length(x.size() + 1, std::vector<int>(y.size() + 1));
    for (std::size_t i = 1; i <= x.size(); ++i)
        for (std::size_t j = 1; j <= y.size(); ++j)
            length[i][j] = x[i - 1] == y[j - 1] ? length[i - 1][j - 1] + 1 : std::max(length[i - 1][j], length[i][j - 1]);
    CommonPath path;
    for (std::size_t i = x.size(), j = y.size(); i > 0 && j > 0; ++path.moves)
        if (x[i - 1] == y[j - 1]) {
            path.inX.insert(path.inX.begin(), static_cast<std::uint32_t>(i - 1));
            --i, --j;
        } else if (ties == CommonTies::LeaveY ? length[i - 1][j] > length[i][j - 1] : length[i][j - 1] <= length[i - 1][j]) {
            --i;
        } else {
            --j;
        }
    return path;
}

TEST(CommonSubsequence, isThatOfThePlainTable)
{
    std::mt19937 random(7);
    for (int trial = 0; trial < 600; ++trial) {
        const auto draw = [&](std::uint32_t most) { return static_cast<std::uint32_t>(random() % most); };
        const std::uint32_t letters = 1 + draw(6);
        std::vector<std::uint32_t> x(draw(200)), y(draw(200));
        std::ranges::generate(x, [&] { return draw(letters); });
        std::ranges::generate(y, [&] { return draw(letters); });
        for (const CommonTies ties : {CommonTies::LeaveX, CommonTies::LeaveY}) {
            const CommonPath fast = commonPath(x, y, ties), plain = plainPath(x, y, ties);
            EXPECT_EQ(fast.inX, plain.inX) << "trial " << trial;
            EXPECT_EQ(fast.moves, plain.moves) << "trial " << trial;
        }
        const CommonPath plain = plainPath(x, y, CommonTies::LeaveX);
        EXPECT_EQ(commonLength(Characters(x.begin(), x.end()), Characters(y.begin(), y.end())), plain.inX.size());
    }
}

TEST(Rouge, givesNothingWherePythonRunsOutOfFrames)
{
    Characters longest, tooLong;
    for (int word = 0; word < 991; ++word) {
        (word < 990 ? longest : tooLong) += charactersOf(fmt::format("w{} ", word));
        if (word == 989)
            tooLong = longest;
    }
    EXPECT_NEAR(rougeL(longest, longest), 1, 1e-7) << "990 words in one sentence";
    EXPECT_EQ(rougeL(tooLong, tooLong), 0) << "991";
    EXPECT_NEAR(rougeL(tooLong + U". " + tooLong.substr(0, 3), U"w1"), 0.002, 1e-3)
        << "a long sentence beside a short one is fine";
}

TEST(Rouge, splitsAtEveryFullStopAndCountsDistinctWords)
{
    EXPECT_NEAR(rougeL(U"x x x x y", U"x y"), 0.999999995, 1e-12);
    EXPECT_NEAR(rougeL(U"version 1.5 is out. it works", U"version 1.5 is out"), 0.8333333284722222, 1e-12);
    EXPECT_EQ(rougeL(U"The Cat", U"the cat"), 0);
    EXPECT_EQ(rougeL(U"...", U"something"), 0);
    EXPECT_NEAR(rougeL(U" . ", U"\t."), 0.999999995, 1e-12) << "blanks alone are a sentence of one empty word";
}

TEST(WordF1, deletesPunctuationAndWholeArticlesOnly)
{
    EXPECT_EQ(wordF1(U"U.S.A. is big", U"USA"), 0.5);
    EXPECT_EQ(wordF1(U"state-of-the-art", U"state of the art"), 0);
    EXPECT_EQ(wordF1(U"don\u2019t stop", U"dont stop"), 0.5);
    EXPECT_EQ(wordF1(U"a an the", U"the"), 0);
    EXPECT_EQ(wordF1(U"th\u00e9 ana", U"th\u00e9 ana"), 1);
    EXPECT_EQ(wordF1(U"a\u0301 x", U"\u0301 x"), 1) << "a mark is no letter, so the a before it stands alone";
    EXPECT_EQ(wordF1(U"\u039f\u0394\u039f\u03a3", U"\u03bf\u03b4\u03bf\u03c2"), 1) << "the last sigma of a word";
}

TEST(Classification, passesOverTheNameBehindOneThatItStrikesOut)
{
    const std::vector<Characters> classes = {U"Other", U"entity", U"something", U"Other entity something"};
    EXPECT_EQ(classification(U"Other entity something", U"Other entity something", classes), 0.5);
    EXPECT_EQ(classification(U"abc", U"City", std::vector<Characters>{U"City"}), 0);
}

TEST(CodeSimilarity, takesABlankLineUnlessToldAndHasTwoBackEnds)
{
    EXPECT_EQ(fuzzyRatio(judgedLine(U" \nreturn x", false), U"return x", RatioBackEnd::Difflib), 22);
    EXPECT_EQ(fuzzyRatio(judgedLine(U" \nreturn x", true), U"return x", RatioBackEnd::Difflib), 100);
    const CharactersView one = U"        return section in self._sections", other = U"    def options(self, section):";
    EXPECT_EQ(fuzzyRatio(one, other, RatioBackEnd::Difflib), 39);
    EXPECT_EQ(fuzzyRatio(one, other, RatioBackEnd::Levenshtein), 59);
    EXPECT_EQ(fuzzyRatio(U"", U"", RatioBackEnd::Difflib), 100) << "equal texts are told before empty ones";
    EXPECT_EQ(fuzzyRatio(U"", U"a", RatioBackEnd::Levenshtein), 0);
    EXPECT_EQ(judgedLine(U"a // b\n`c`\n# d", false), U"");
}

TEST(Numbers, takeDigitsOfEveryScriptAsPythonDoes)
{
    EXPECT_EQ(numberShare(U"There are 5 of 12, so 5", U"5"), 2.0 / 3);
    EXPECT_EQ(numberShare(U"\u0663 and \u00b2", U"\u0663"), 1) << "an Arabic three is a digit, a superscript is none";
    EXPECT_EQ(numberShare(U"Paragraph 3, maybe 4", *numberBehind(U"Paragraph 3", U"Paragraph ")), 0.5);
    EXPECT_EQ(numberBehind(U"Paragraph x", U"Paragraph "), std::nullopt);
    EXPECT_TRUE(firstNumberIs(U"It is 042.", U"042"));
    EXPECT_FALSE(firstNumberIs(U"It is 42.", U"042"));
}

TEST(Choice, readsTheSentenceThatWasAskedFor)
{
    EXPECT_EQ(chosenLetter(U"**The correct answer is (B)**"), U'B');
    EXPECT_EQ(chosenLetter(U"The correct answer is A, no: The correct answer is (C)."), U'C') << "parentheses come first";
    EXPECT_EQ(chosenLetter(U"The correct answer is E"), std::nullopt);
    EXPECT_EQ(chosenLetter(U"B"), std::nullopt);
    EXPECT_TRUE(namesLetter(U"The correct answer is A, no: The correct answer is (C).", U"A")) << "kvpress takes any";
}

TEST(Needle, sharesOfWordsKeepTheirPunctuation)
{
    EXPECT_EQ(wordSetShare(U"Eat a sandwich on a sunny day.", U"eat a sandwich and sit in Dolores Park on a sunny day."),
              6.0 / 11);
    EXPECT_EQ(wordSetShare(U"a sunny day", U"a sunny day."), 2.0 / 3);
    EXPECT_EQ(wordSetShare(U"anything", U" "), 0);
}

} // namespace
} // namespace winnow::tasks
