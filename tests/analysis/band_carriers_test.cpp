// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/band_carriers.h"

#include "core/analysis/figures/figure_catalog.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;
using Carrier = BandCarriers::Carrier;

/// Tokens "a", "b", "c", … from position 2 on.
Contribution bandsOf(std::vector<double> power, int levels)
{
    Contribution c;
    c.levels = levels;
    c.positions = static_cast<int>(power.size()) / (levels + 1);
    c.firstPosition = 2;
    c.power = std::move(power);
    return c;
}

TraceInfo letters(int count)
{
    TraceInfo info;
    for (int i = 0; i < count; ++i) {
        info.text += static_cast<char>('a' + i);
        info.offsets.push_back({i, i + 1});
        info.tokens.push_back(i);
    }
    return info;
}

TEST(BandCarriers, areTheTokensWithTheMostPowerTheEarlierFirst)
{
    const BandCarriers all = bandCarriers(bandsOf({1, 4, 0, 4, 1, /**/ 0, 0, 10, 0, 0, /**/ 0, 0, 0, 0, 0}, 2), letters(7), 0, 3);
    ASSERT_EQ(all.bands.size(), 3U);
    EXPECT_THAT(all.bands[0].carriers,
                ElementsAre(Field(&Carrier::position, 3), Field(&Carrier::position, 5), Field(&Carrier::position, 2)));
    EXPECT_EQ(all.bands[0].carriers[0].text, "d");
    EXPECT_DOUBLE_EQ(all.bands[0].carriers[0].share, 0.4);
    EXPECT_EQ(all.bands[0].tokens, 2); // 0.4 is less than half
    EXPECT_DOUBLE_EQ(all.bands[0].part, 0.5);
    EXPECT_THAT(all.bands[1].carriers, ElementsAre(Field(&Carrier::position, 4)));
    EXPECT_EQ(all.bands[1].tokens, 1);
    EXPECT_TRUE(all.bands[2].carriers.empty()); // a band without power
    EXPECT_EQ(all.bands[2].tokens, 0);
}

TEST(BandCarriers, leaveOutTheHiddenEndsWhereSomethingIsLeft)
{
    const BandCarriers inner = bandCarriers(bandsOf({9, 1, 3, 9, /**/ 0, 0, 0, 0}, 1), letters(6), 1, 9);
    EXPECT_THAT(inner.bands[0].carriers, ElementsAre(Field(&Carrier::position, 4), Field(&Carrier::position, 3)));
    EXPECT_DOUBLE_EQ(inner.bands[0].carriers[0].share, 0.75);
    EXPECT_EQ(inner.begin, 3);
    EXPECT_EQ(inner.end, 5);
    EXPECT_EQ(bandCarriers(bandsOf({9, 1, 3, 9, /**/ 0, 0, 0, 0}, 1), letters(6), 2, 9).bands[0].carriers.size(), 4U);
}

TEST(BandCarriers, figureListsThemWithTheirWords)
{
    const SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 2, .keyHeads = 1, .headDim = 2, .tokens = 100, .rotaryDims = 2});
    const TemporaryFolder folder;
    const FigureInputs inputs{.traces = {openSynthetic(trace, folder)}};
    const auto figure = makeFigure("carriers", inputs, {.levels = 3, .hide = 8}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->caption, HasSubstr("positions 8 to 91"));
    const std::string csv = csvText(figure->numbers.tables(), {});
    EXPECT_THAT(csv, HasSubstr("band,rank,position,text,share,together"));
    EXPECT_THAT(csv, HasSubstr("\napproximation,1,"));
    EXPECT_THAT(makeFigure("carriers", inputs, {.steps = {10, 20}}, {}).error().message, HasSubstr("2 steps were given"));
}

} // namespace
} // namespace winnow
