// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of one step on paper: what stands in them.
#include "tests/support/synthetic_replay.h"
#include "tests/support/temporary_folder.h"
#include "tests/views/paper/svg_reader.h"
#include "views/paper/save_figure.h"

#include <QSet>

#include <gmock/gmock.h>

namespace winnow::views {
namespace {

using testing::HasSubstr;
using testing_support::TemporaryFolder;

QSet<QString> wordsOf(const Svg& svg)
{
    QSet<QString> words;
    for (const Element& element : svg.elements)
        if (element.name == QLatin1String("text"))
            words << element.text;
    return words;
}

TEST(JaccardFigure, numbersThePoliciesAsTheReplayDoesAndOutlinesThePair)
{
    const TemporaryFolder folder;
    const FigureInputs given{.replays = {test::syntheticReplay({.tokens = 64, .budget = 16, .policies = 3})}};
    FigureOptions options{.policies = {2, 3}};
    ASSERT_TRUE(renderFigure("jaccard", given, options, folder / "plain.svg", {}));
    options.focus = 3;
    options.against.policy = 2;
    ASSERT_TRUE(renderFigure("jaccard", given, options, folder / "pair.svg", {}));
    QSet<QChar> numbers;
    for (const QString& word : wordsOf(parse(folder / "pair.svg")))
        if (word.size() > 2 && word[0].isDigit() && word[1] == QLatin1Char(' '))
            numbers << word[0];
    EXPECT_EQ(numbers, (QSet<QChar>{QLatin1Char('2'), QLatin1Char('3')}));
    EXPECT_EQ(parse(folder / "pair.svg").elements.size(), parse(folder / "plain.svg").elements.size() + 2) << "two outlines";
    options.against.policy = 9;
    EXPECT_THAT(renderFigure("jaccard", given, options, folder / "none.svg", {}).error().message,
                HasSubstr("--against-policy is 9"));
}

TEST(KeptFigure, marksTheBrushAndTheToken)
{
    const TemporaryFolder folder;
    const FigureInputs given{.replays = {test::syntheticReplay({.tokens = 64, .budget = 16, .policies = 2})}};
    ASSERT_TRUE(renderFigure("kept", given, {}, folder / "plain.svg", {}));
    ASSERT_TRUE(renderFigure("kept", given, {.token = 5, .brush = IntRange{10, 20}}, folder / "marked.svg", {}));
    EXPECT_GE(parse(folder / "marked.svg").elements.size(), parse(folder / "plain.svg").elements.size() + 4)
        << "a wash, two edges, a dashed line";
    ASSERT_TRUE(renderFigure("kept", given, {.flags = {5, 40}}, folder / "flags.svg", {}));
    EXPECT_EQ(parse(folder / "flags.svg").elements.size(), parse(folder / "plain.svg").elements.size() + 4) << "poles and flags";
    EXPECT_THAT(renderFigure("kept", given, {.token = 64}, folder / "no.svg", {}).error().message, HasSubstr("64"));
}

} // namespace
} // namespace winnow::views
