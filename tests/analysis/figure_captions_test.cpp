// SPDX-License-Identifier: GPL-3.0-or-later
// What captions of wavelet figures say, held to the numbers that they speak of.
#include "core/analysis/figures/figure_catalog.h"

#include "core/analysis/wavelet/contribution.h"
#include "core/analysis/wavelet/scalogram.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::TemporaryFolder;

class FigureCaption : public testing::Test {
protected:
    Figure make(const FigureOptions& options) const
    {
        auto figure = makeFigure("wavelet", {.traces = {trace}}, options, {});
        EXPECT_TRUE(figure) << figure.error().message;
        return std::move(*figure);
    }
    TemporaryFolder folder;
    std::shared_ptr<const Trace> trace = openSynthetic(makeSynthetic({.tokens = 96}), folder);
};

TEST_F(FigureCaption, namesTheSignalUnlessItIsTheContribution)
{
    for (const char* transform : {"dwt", "cwt", "packets"}) {
        FigureOptions options{.layer = 0, .head = 0, .transform = transform};
        EXPECT_THAT(make(options).caption, Not(HasSubstr("signal:"))) << transform;
        options.signal = "attention";
        EXPECT_THAT(make(options).caption, HasSubstr(", signal: ")) << transform;
    }
}

TEST_F(FigureCaption, saysHowMuchEnergyLiesWhereTheEndsAreFelt)
{
    const Figure figure = make({.layer = 1, .head = 2, .wavelet = "db3", .levels = 3});
    const auto bands = contribution(*trace, {.heads = {{1, 2}}, .wavelet = "db3", .levels = 3}, {});
    const double part = std::accumulate(bands->edge.begin(), bands->edge.end(), 0.0) /
                        std::accumulate(bands->energy.begin(), bands->energy.end(), 0.0);
    ASSERT_TRUE(part > 0.01 && part < 1);
    EXPECT_THAT(figure.caption, HasSubstr(fmt::format("; {:.1f} % of the energy lies where the ends are felt", 100 * part)));
}

TEST_F(FigureCaption, ofAScalogramSaysWhatItIsHeldAgainst)
{
    FigureOptions options{.layer = 0, .head = 0, .transform = "cwt"};
    const Figure red = make(options);
    EXPECT_THAT(red.caption, HasSubstr("outlined: more than red noise in 95 % of cases, as the mean of "));
    EXPECT_FALSE(red.numbers.as<TokenScalogram>().ridges.empty()) << "a figure has them";
    options.noise = "shuffled";
    EXPECT_THAT(make(options).caption, HasSubstr("outlined: more than in 95 % of cases with the values shuffled"));
    options.noise = "none";
    EXPECT_THAT(make(options).caption, Not(HasSubstr("outlined")));
}

} // namespace
} // namespace winnow
