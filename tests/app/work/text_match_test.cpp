// SPDX-License-Identifier: GPL-3.0-or-later
// Where two recordings read the same text, and what is selected when one is shown after the other.
#include "app/work/text_match.h"

#include "app/window/shared_step.h"

#include <gtest/gtest.h>

namespace winnow::app {
namespace {

/// Tokens of so many bytes each, from the start of the text; 0 = a special one.
std::shared_ptr<const TraceInfo> recording(const std::string& text, const std::vector<int>& bytes)
{
    auto info = std::make_shared<TraceInfo>();
    info->text = text;
    std::int32_t at = 0;
    for (const int size : bytes) {
        info->tokens.push_back(static_cast<std::int32_t>(info->tokens.size()));
        info->offsets.push_back({at, at + size});
        at += size;
    }
    return info;
}

TEST(TextMatch, findsTheSameTextUnderAnotherTokenizer)
{
    const auto words = recording("a bird sang", {0, 1, 5, 5}), letters = recording("a bird sang", std::vector<int>(11, 1));
    const TextMatch finer(words, letters), coarser(letters, words);
    EXPECT_EQ(finer.tokenOf(0), 0) << "the special token stands before the first byte";
    EXPECT_EQ(finer.tokenOf(1), 0);
    EXPECT_EQ(finer.tokenOf(2), 1);
    EXPECT_EQ(finer.tokenOf(3), 6);
    EXPECT_EQ(coarser.tokenOf(8), 3) << "a letter inside the last word";
    EXPECT_EQ(coarser.tokenOf(11), std::nullopt) << "there is no such token";
}

TEST(TextMatch, findsTheTextBeforeAndBehindAPassageThatDiffers)
{
    const auto one = recording("so red it is", {3, 3, 1, 3, 2}), other = recording("so yellow it is", {3, 6, 1, 3, 2});
    const TextMatch match(one, other);
    EXPECT_EQ(match.tokenOf(0), 0);
    EXPECT_EQ(match.tokenOf(1), std::nullopt) << "red is not yellow";
    EXPECT_EQ(match.tokenOf(3), 3);
    EXPECT_EQ(match.tokenOf(4), 4);
}

TEST(TextMatch, comparesTokensWhereThereIsNoText)
{
    TraceInfo info;
    info.tokens = {4, 5, 6};
    const auto one = std::make_shared<const TraceInfo>(info);
    info.tokens = {4, 5, 9};
    const TextMatch match(one, std::make_shared<const TraceInfo>(info));
    EXPECT_EQ(match.tokenOf(1), 1);
    EXPECT_EQ(match.tokenOf(2), std::nullopt);
}

TEST(Carried, stepAndMarksFollowTheTextAndElseEachKeepsItsOwn)
{
    const auto words = recording("a bird sang", {1, 5, 5}), letters = recording("a bird sang", std::vector<int>(11, 1));
    views::SelectionState now;
    now.step = 2;
    now.token = 1;
    now.tokenRange = views::Range{1, 3};
    now.spans = {{views::Range{1, 2}, QStringLiteral("needle")}};
    now.focus = 3;
    const views::SelectionState there = carried(now, std::nullopt, TextMatch(words, letters));
    EXPECT_EQ(there.step, 6);
    EXPECT_EQ(there.token, 1);
    EXPECT_EQ(there.tokenRange, (views::Range{1, 7}));
    ASSERT_EQ(there.spans.size(), 1U);
    EXPECT_EQ(there.spans[0].tokens, (views::Range{1, 2}));
    EXPECT_EQ(there.focus, 3);

    const auto foreign = recording("quite another text", std::vector<int>(18, 1));
    views::SelectionState own;
    own.step = 9;
    own.token = 4;
    own.spans = {{views::Range{3, 5}, QStringLiteral("mine")}};
    const views::SelectionState back = carried(now, own, TextMatch(words, foreign));
    EXPECT_EQ(back.step, 9);
    EXPECT_EQ(back.token, 4);
    EXPECT_EQ(back.tokenRange, std::nullopt) << "it had no brush";
    EXPECT_EQ(back.spans, own.spans);
    EXPECT_EQ(back.focus, 3) << "the policies are shared";

    own.tokenRange = views::Range{3, 5};
    now.token.reset();
    now.tokenRange.reset();
    const views::SelectionState again = carried(now, own, TextMatch(words, foreign));
    EXPECT_EQ(again.token, own.token) << "of a text that was not shown";
    EXPECT_EQ(again.tokenRange, own.tokenRange);
    EXPECT_EQ(carried(now, own, TextMatch(words, letters)).token, std::nullopt) << "it was taken away in the same text";
    EXPECT_EQ(carried(now, own, TextMatch(words, letters)).tokenRange, std::nullopt);
}

} // namespace
} // namespace winnow::app
