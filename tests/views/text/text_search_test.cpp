// SPDX-License-Identifier: GPL-3.0-or-later
// Hits of a query, and the way from one to the next.
#include "views/text/text_search.h"

#include "core/trace/trace.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

/// A text whose tokens are the given pieces.
DisplayText display(const std::vector<std::string>& pieces)
{
    TraceInfo info;
    for (const std::string& piece : pieces) {
        const auto begin = static_cast<std::int32_t>(info.text.size());
        info.text += piece;
        info.offsets.push_back({begin, static_cast<std::int32_t>(info.text.size())});
        info.tokens.push_back(static_cast<std::int32_t>(info.tokens.size()));
    }
    return displayText(info);
}

std::vector<std::pair<int, int>> hits(const TextSearch& search)
{
    std::vector<std::pair<int, int>> all;
    for (const TextSearch::Hit& hit : search.hits())
        all.emplace_back(hit.firstToken, hit.lastToken);
    return all;
}

const DisplayText kText = display({"The", " cap", "tain", " and", " a", " Cap", "\n", "tain", " cap"});

TEST(TextSearch, findsBothCasesAcrossTokens)
{
    TextSearch search;
    search.find(kText, QStringLiteral("cap"), 9);
    EXPECT_EQ(hits(search), (std::vector<std::pair<int, int>>{{1, 1}, {5, 5}, {8, 8}}));
    search.find(kText, QStringLiteral("capt"), 9);
    EXPECT_EQ(hits(search), (std::vector<std::pair<int, int>>{{1, 2}}));
    search.find(kText, QStringLiteral("cap tain"), 9);
    EXPECT_EQ(hits(search), (std::vector<std::pair<int, int>>{{5, 7}})) << "a newline is a space";
    search.find(kText, {}, 9);
    EXPECT_EQ(search.count(), 0);
}

TEST(TextSearch, findsNothingBeyondWhatIsShown)
{
    TextSearch search;
    search.find(kText, QStringLiteral("cap"), 6);
    EXPECT_EQ(search.count(), 2);
    search.find(kText, QStringLiteral("captain"), 2);
    EXPECT_EQ(search.count(), 0) << "its end is not read yet";
}

TEST(TextSearch, goesAroundBothEndsAndMarksTheCurrentHit)
{
    using Mark = TextSearch::Mark;
    TextSearch search;
    search.goTo(0);
    EXPECT_EQ(search.current(), -1) << "there is none";
    EXPECT_EQ(search.mark(0, 8), Mark::None);
    search.find(kText, QStringLiteral("cap"), 9);
    EXPECT_EQ(search.current(), -1);
    search.goTo(0);
    EXPECT_EQ(search.mark(1, 1), Mark::Current);
    EXPECT_EQ(search.mark(5, 5), Mark::Hit);
    EXPECT_EQ(search.mark(2, 4), Mark::None);
    EXPECT_EQ(search.mark(0, 8), Mark::Current) << "the strongest";
    search.goTo(-1);
    EXPECT_EQ(search.current(), 2);
    EXPECT_EQ(search.mark(1, 1), Mark::Hit);
    search.goTo(3);
    EXPECT_EQ(search.current(), 0);
    search.clear();
    EXPECT_EQ(search.mark(1, 1), Mark::None);
}

} // namespace
} // namespace winnow::views
