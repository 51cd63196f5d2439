// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/sweep_planes.h"

#include "core/analysis/figures/figure_catalog.h"
#include "tests/support/sweep_results.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::sweepCell;
using testing_support::sweepResults;

/// The slow obvious rule: nobody costs less or as much and is better or as good, but for one of both.
bool isBest(const SweepPlanes::Panel& panel, const SweepPlanes::Point& point, std::size_t cost)
{
    if (std::isnan(point.cost[cost]))
        return false;
    for (const SweepPlanes::Line& line : panel.lines)
        for (const SweepPlanes::Point& other : line.points) {
            const bool costsLess = other.cost[cost] < point.cost[cost], costsSame = other.cost[cost] == point.cost[cost];
            const bool better = panel.lessIsBetter ? other.value < point.value : other.value > point.value;
            if ((costsLess && (better || other.value == point.value)) || (costsSame && better))
                return false;
        }
    return true;
}

TEST(SweepPlanes, joinBudgetsOfAPolicyAndMarkWhatNoOtherBeats)
{
    const auto planes = sweepPlanes(sweepResults());
    ASSERT_EQ(planes.panels.size(), 1U);
    const SweepPlanes::Panel& panel = planes.panels.front();
    std::vector<std::string> lines;
    for (const SweepPlanes::Line& line : panel.lines) {
        std::string text = line.title;
        for (const SweepPlanes::Point& point : line.points)
            text += fmt::format(" {}{}", point.cost[0], point.front[1] ? "*" : "");
        lines.push_back(text);
    }
    EXPECT_THAT(lines,
                testing::ElementsAre(HasSubstr(" nan*"), HasSubstr(" 64 128"), HasSubstr(" 64* 128*"), HasSubstr(" 1024*")))
        << "25 % of 4,096 tokens";
    for (const SweepPlanes::Line& line : panel.lines)
        for (const SweepPlanes::Point& point : line.points)
            for (std::size_t cost = 0; cost < kSweepCosts.size(); ++cost)
                EXPECT_EQ(point.front[cost], isBest(panel, point, cost)) << point.policy << " " << cost;
}

TEST(SweepPlanes, averageOverSeedsAndKeepInputsApart)
{
    auto cells = sweepResults();
    cells.resize(3);
    CellResult other = cells[1];
    other.seed = 2;
    other.value = 50;
    other.interval = Interval{30, 80};
    cells.push_back(other);
    other.input = "facts";
    other.lessIsBetter = false;
    cells.push_back(other);
    other.value = std::nan("");
    other.input = "empty";
    cells.push_back(other);
    const auto planes = sweepPlanes(cells);
    ASSERT_EQ(planes.panels.size(), 2U) << "what has no value is left out";
    const SweepPlanes::Point& point = planes.panels[0].lines[1].points.front();
    EXPECT_EQ(point.seeds, 2);
    EXPECT_DOUBLE_EQ(point.value, 45);
    EXPECT_DOUBLE_EQ(point.interval->low, 33);
    EXPECT_DOUBLE_EQ(point.interval->high, 64);
    EXPECT_EQ(planes.panels[1].lines.front().color, planes.panels[0].lines[1].color) << "a policy has one color in all panels";
    EXPECT_FALSE(planes.panels[1].lessIsBetter);
}

TEST(SweepFigure, isMadeFromASweepsFileToo)
{
    const auto figure = makeFigure("sweep", {.cells = sweepResults()}, {}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_EQ(figure->manifest.at("loop"), "closed");
    EXPECT_THAT(figure->caption, HasSubstr("closed loop, demo; rings: no other point costs less and is as good"));
    const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
    EXPECT_THAT(csv,
                HasSubstr("model,input,measure,policy,budget,bytes,milliseconds,seeds,value,low,high,front_budget,front_bytes"));
    EXPECT_THAT(makeFigure("sweep", {.cells = sweepResults()}, {.metric = "error"}, {}).error().message,
                HasSubstr("are for replays"));
    EXPECT_TRUE(makeFigure("sweep", {.replays = {test::syntheticReplay({.tokens = 96, .budget = 16})}}, {}, {}));
}

} // namespace
} // namespace winnow
