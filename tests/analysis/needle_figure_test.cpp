// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_catalog.h"
#include "core/analysis/series_labels.h"
#include "tests/support/score_grids.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;

FigureInputs answers()
{
    return {.grids = {testing_support::scoreGrid("full"), testing_support::scoreGrid("treekv:budget=128"),
                      testing_support::scoreGrid("treekv:budget=64")}};
}

TEST(NeedleFigure, hasAPanelForEverySeries)
{
    const auto figure = makeFigure("needle", answers(), {.score = "needle-words"}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& maps = figure->numbers.as<NeedleMaps>();
    EXPECT_THAT(maps.labels, testing::ElementsAre("full", "treekv 128", "treekv 64"));
    EXPECT_EQ(maps.score, 2U);
    EXPECT_EQ(figure->manifest.at("loop"), "closed");
    EXPECT_THAT(figure->caption, HasSubstr("closed loop, needle: words held, 0 to 1 answers in each cell, model demo"));
    const auto one = makeFigure("needle", answers(), {.policies = {2}}, {});
    EXPECT_THAT(one->numbers.as<NeedleMaps>().labels, testing::ElementsAre("treekv 128"));
    EXPECT_THAT(makeFigure("needle", answers(), {.policies = {4}}, {}).error().message, HasSubstr("policy number 4"));
    EXPECT_THAT(makeFigure("needle", {}, {}, {}).error().message, HasSubstr("as winnow ask writes them"));
}

TEST(SeriesLabels, areShortWhereTheyStayApart)
{
    const std::vector<std::string> series{
        "full", "treekv:budget=128,sinks=4", "treekv:budget=128,sinks=2", "h2o:budget=25%", "mine", "full"};
    const auto labels = seriesLabels(series);
    EXPECT_EQ(labels.size(), 5U);
    EXPECT_EQ(labels.at("full"), "full");
    EXPECT_EQ(labels.at("h2o:budget=25%"), "h2o 25%");
    EXPECT_EQ(labels.at("mine"), "mine");
    EXPECT_EQ(labels.at("treekv:budget=128,sinks=2"), "treekv 128 sinks=2 recent=62") << "two are TreeKV at 128";
    EXPECT_EQ(seriesLabels(std::vector<std::string>{"h2o:budget=8", "h2o:budget=8,recent=4"}).at("h2o:budget=8"), "h2o:budget=8")
        << "two lines that mean the same";
}

TEST(NeedleFigure, givesARowForEveryCell)
{
    const auto figure = makeFigure("needle", answers(), {}, {});
    const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
    EXPECT_THAT(csv, HasSubstr("series,task,depth,length,n,exact,needle-stemmed,needle-words"));
    EXPECT_THAT(csv, HasSubstr("\"treekv:budget=128\",needle,0,512,1,1,1,1"));
    EXPECT_THAT(csv, HasSubstr("\"full\",needle,50,512,0,,,")) << "nobody answered";
}

} // namespace
} // namespace winnow
