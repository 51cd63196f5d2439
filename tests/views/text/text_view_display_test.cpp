// SPDX-License-Identifier: GPL-3.0-or-later
// The text as it is shown: what stands for what, and which tokens share a box.
#include "tests/support/synthetic_replay.h"
#include "views/style/theme.h"
#include "views/text/text_view_flow.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

/// `tokens`: byte ranges; an empty one is a special token of id 0.
TraceInfo infoOf(std::string text, std::vector<std::array<std::int32_t, 2>> tokens)
{
    TraceInfo info;
    info.config = R"({"bos_token_id": 0, "eos_token_id": [1, 2]})";
    info.text = std::move(text);
    for (const auto& range : tokens) {
        info.tokens.push_back(range[0] == range[1] ? 0 : 9);
        info.offsets.push_back(range);
    }
    return info;
}

std::string boxText(const DisplayText& display, int token)
{
    const Extent extent = display.boxes[static_cast<std::size_t>(display.boxOfToken[static_cast<std::size_t>(token)])].extent;
    return display.text.mid(extent.begin, extent.end - extent.begin).toStdString();
}

TEST(DisplayText, aNewlineIsASignAndABlankLineStartsAParagraphWithAGap)
{
    const DisplayText display = displayText(infoOf("One.\n\nTwo.", {{0, 4}, {4, 6}, {6, 10}}));
    EXPECT_EQ(display.text, QStringLiteral("One.↵↵Two."));
    ASSERT_EQ(display.paragraphs.size(), 2u);
    EXPECT_EQ(display.paragraphs[1], (Extent{6, 10}));
    EXPECT_EQ(display.gapBefore, (std::vector<bool>{false, true}));
    EXPECT_EQ(boxText(display, 1), "↵↵");
}

TEST(DisplayText, aLoneNewlineBehindALongLineIsAHardWrapAndTheProseRunsOn)
{
    const std::string longLine(60, 'x');
    const int n = 60;
    const DisplayText wrapped = displayText(infoOf(longLine + "\nnext", {{0, n}, {n, n + 1}, {n + 1, n + 5}}));
    EXPECT_EQ(wrapped.paragraphs.size(), 1u);
    EXPECT_EQ(boxText(wrapped, 1), "↵ ");
    const DisplayText shortLine = displayText(infoOf("int main()\n{\n}", {{0, 10}, {10, 11}, {11, 12}, {12, 13}, {13, 14}}));
    EXPECT_EQ(shortLine.paragraphs.size(), 3u);
    EXPECT_EQ(shortLine.gapBefore, (std::vector<bool>{false, false, false}));
}

TEST(DisplayText, bytesThatFormNoCharacterAreWrittenOut)
{
    const DisplayText display = displayText(infoOf("a\xE2\x96z\xFF", {{0, 1}, {1, 3}, {3, 4}, {4, 5}}));
    EXPECT_EQ(boxText(display, 1), "‹E2\u00A096›");
    EXPECT_EQ(boxText(display, 3), "‹FF›");
    const DisplayText split = displayText(infoOf("a\xE2\x96z", {{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
    EXPECT_EQ(boxText(split, 1), "‹E2›") << "a token's edge divides them";
    EXPECT_EQ(boxText(split, 2), "‹96›");
}

TEST(DisplayText, tokensOfOneCharacterOrOneGraphemeShareItsBox)
{
    // The three bytes of ▁ in two tokens, both with the whole range, as the format says.
    const DisplayText bytes = displayText(infoOf("a\u2581b", {{0, 1}, {1, 4}, {1, 4}, {4, 5}}));
    EXPECT_EQ(bytes.boxOfToken, (std::vector<int>{0, 1, 1, 2}));
    // "e" and a combining accent in two tokens.
    const DisplayText accent = displayText(infoOf("e\u0301s", {{0, 1}, {1, 3}, {3, 4}}));
    EXPECT_EQ(accent.boxOfToken, (std::vector<int>{0, 0, 1}));
}

TEST(DisplayText, specialTokensAreChipsWhereTheyStand)
{
    const DisplayText display = displayText(infoOf("ab", {{0, 0}, {0, 1}, {0, 0}, {1, 2}, {0, 0}}));
    EXPECT_EQ(boxText(display, 0), "\u00A0bos\u00A0");
    EXPECT_LT(display.boxes[1].extent.begin, display.boxes[2].extent.begin);
    EXPECT_LT(display.boxes[2].extent.begin, display.boxes[3].extent.begin);
    EXPECT_TRUE(display.boxes[4].special);
    EXPECT_EQ(display.haystack, QStringLiteral("ab")) << "chips are not searched";
}

TEST(DisplayText, everyTokenHasABoxAndBoxesAscendWithoutOverlap)
{
    for (const std::uint32_t seed : {1u, 2u, 3u}) {
        const auto info = test::syntheticInfo({.tokens = 700, .seed = seed});
        const DisplayText display = displayText(*info);
        ASSERT_EQ(display.boxOfToken.size(), 700u);
        int end = 0;
        for (const TokenBox& box : display.boxes) {
            EXPECT_GE(box.extent.begin, end);
            EXPECT_GT(box.extent.end, box.extent.begin);
            end = box.extent.end;
        }
        ASSERT_EQ(display.haystack.size(), static_cast<qsizetype>(display.haystackAt.size()));
    }
}

TEST(TextFlow, everyTokenIsOnTheLinesItSaysAndPiecesStayInsideTheWidth)
{
    const auto info = test::syntheticInfo({.tokens = 600});
    TextFlow flow(*info);
    flow.layOut(uiFont(14), 300);
    std::vector<int> seen(600, 0);
    for (int line = 0; line < flow.lineCount(); ++line)
        for (const TextFlow::Piece& piece : flow.pieces(line)) {
            EXPECT_GE(piece.left, -0.5);
            EXPECT_LE(piece.right, 301);
            const TokenBox& box = flow.display().boxes[static_cast<std::size_t>(piece.box)];
            EXPECT_LE(flow.firstLineOf(box.firstToken), line);
            EXPECT_GE(flow.lastLineOf(box.firstToken), line);
            ++seen[static_cast<std::size_t>(box.firstToken)];
        }
    for (int token = 0; token < 600; ++token)
        EXPECT_GE(seen[static_cast<std::size_t>(token)], 1) << "token " << token;
    const int last = flow.lineCount() - 1;
    EXPECT_EQ(flow.tokensOf(0, last), (Range{0, 600}));
    for (const double pitch : {22.0, 36.0})
        for (int line = 0; line <= last; ++line)
            EXPECT_EQ(flow.lineAt(flow.lineTop(line, pitch) + 1, pitch), line);
}

TEST(TextFlow, hebrewRunsFromRightToLeft)
{
    const DisplayText display = displayText(infoOf("שלום עולם", {{0, 8}, {8, 17}}));
    ASSERT_EQ(display.boxes.size(), 2u);
    TextFlow flow(infoOf("שלום עולם", {{0, 8}, {8, 17}}));
    flow.layOut(uiFont(14), 300);
    ASSERT_EQ(flow.pieces(0).size(), 2u);
    EXPECT_GT(flow.pieces(0)[0].left, flow.pieces(0)[1].left);
}

TEST(TextFlow, aChipBeforeHebrewDoesNotTurnTheParagraph)
{
    TextFlow flow(infoOf("שלום עולם", {{0, 0}, {0, 8}, {8, 17}}));
    flow.layOut(uiFont(14), 300);
    EXPECT_EQ(flow.pieces(0).size(), 3U) << "the chip is one piece: its letters and the room beside them";
    double left[3] = {1e9, 1e9, 1e9}, right[3] = {};
    for (const TextFlow::Piece& piece : flow.pieces(0)) {
        left[piece.box] = std::min(left[piece.box], piece.left);
        right[piece.box] = std::max(right[piece.box], piece.right);
    }
    EXPECT_GE(left[0], right[1] - 0.5) << "the chip comes first, at the right";
    EXPECT_GE(left[1], right[2] - 0.5);
    EXPECT_LT(left[2], right[2]);
}

} // namespace
} // namespace winnow::views
