// SPDX-License-Identifier: GPL-3.0-or-later
// A figure and a metric that nobody knew, found wherever figures and metrics are listed.
#include "app/cli/command_line.h"
#include "app/window/export_command.h"
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/metrics.h"
#include "core/io/npz.h"
#include "core/replay/replay_file.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"
#include "views/export/figure_export.h"
#include "views/lanes/lane_grid.h"
#include "views/paper/drawings.h"
#include "views/paper/save_figure.h"
#include "views/quality/quality_tab.h"

#include <QMenu>
#include <QPainter>
#include <QToolButton>

#include <gmock/gmock.h>

#include <fstream>

namespace winnow::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

// --- the metric: one entry

/// The share of the budget that a lane uses.
const Metric kFill{"fill",
                   "Budget used",
                   "Budget used (share)",
                   "share",
                   "Slots stored over the budget",
                   Better::Higher,
                   metricRow<[](const PolicyReplay& policy, std::size_t at) {
                       return static_cast<double>(policy.occupancy[at]) / policy.budget;
                   }>};

// --- the figure: its numbers, its tables, its picture

struct Budgets {
    std::vector<std::string> specs;
    std::vector<std::int32_t> held;
};

Tables budgetTables(const Budgets& budgets)
{
    return {.tables = {
                {.axes = {{budgets.specs.size()}}, .columns = {{"policy", {0}, budgets.specs}, {"budget", {0}, budgets.held}}}}};
}

FigureKind budgetsKind()
{
    return {.name = "budgets",
            .title = "Budgets",
            .summary = "How many slots every policy has",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsPolicies},
            .make = [](const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                       const JobContext&) -> Result<Figure> {
                WINNOW_TRY(const auto replay, joinedReplay(kind.name, inputs, options));
                Budgets budgets;
                for (const auto& policy : replay->policies) {
                    budgets.specs.push_back(policy->spec.canonical());
                    budgets.held.push_back(policy->budget);
                }
                return Figure{.caption = "open loop", .numbers = {std::move(budgets), budgetTables}};
            }};
}

Result<void> drawBudgets(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& budgets = figure.numbers.as<Budgets>();
    return views::exportDrawing(
        [&](QPainter& painter) {
            for (std::size_t i = 0; i < budgets.held.size(); ++i)
                painter.drawRect(QRectF(100, 100 + 50 * double(i), budgets.held[i], 40));
        },
        {.inches = {options.width, 2}}, out);
}

/// Both are added once for all tests of this program.
class NewInTheCatalogs : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        addMetric(kFill);
        addFigure(budgetsKind());
        views::addDrawing("budgets", drawBudgets);
    }
    static std::string textOf(const std::filesystem::path& path)
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// What `winnow` prints, and the code that it ends with.
    static std::pair<int, std::string> winnow(const std::vector<std::string>& line)
    {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = cli::run(line, {.draw = views::saveFigure});
        const std::string said = testing::internal::GetCapturedStdout();
        return {code, said + testing::internal::GetCapturedStderr()};
    }
    const TemporaryFolder folder;
    const std::shared_ptr<const ReplayResult> replay =
        test::syntheticReplay({.tokens = 64, .layers = 2, .lanes = 2, .budget = 16, .policies = 3});
};

TEST_F(NewInTheCatalogs, theFigureIsListedMadeWrittenAndDrawn)
{
    EXPECT_THAT(winnow({"figure", "--list"}).second, HasSubstr("How many slots every policy has"));
    EXPECT_THAT(winnow({"figure", "budgetz", "R.npz", "--out", "B.csv"}).second, HasSubstr("the nearest is 'budgets'"));
    const std::string file = (folder / "R.npz").string();
    ASSERT_TRUE(writeReplay(*replay, file));
    for (const std::string kind : {"csv", "npz", "svg", "pdf", "png"}) {
        const auto [code, said] = winnow({"figure", "budgets", file, "--out", (folder / ("B." + kind)).string()});
        EXPECT_EQ(code, 0) << said;
    }
    EXPECT_THAT(textOf(folder / "B.csv"), HasSubstr("# figure: budgets\n# loop: open\n# stored.0: 16 slots asked for; "));
    EXPECT_THAT(textOf(folder / "B.csv"), HasSubstr("\npolicy,budget\n\"streaming:budget=16,"));
    EXPECT_EQ(readNpz(folder / "B.npz")->numbers<std::int32_t>("budget")->at(1), replay->policies[1]->budget);
    EXPECT_THAT(textOf(folder / "B.svg"), HasSubstr("<svg"));
}

TEST_F(NewInTheCatalogs, theFigureRefusesWhatItDoesNotReadAndIsCopiedWithoutIt)
{
    const auto [code, said] = winnow({"figure", "budgets", "R.npz", "--metric", "mass", "--out", (folder / "B.csv").string()});
    EXPECT_EQ(code, 2);
    EXPECT_THAT(said,
                HasSubstr("the figure 'budgets' does not read --metric, which is for mass, layers, sweep, lanes, prediction"));
    const CommandParts parts{.replays = {"R.npz"}, .figure = {"budgets", {.metric = "error", .policies = {1, 3}}}};
    EXPECT_EQ(commandText(parts), "winnow figure budgets R.npz --policies 1,3 --out budgets.pdf");
}

TEST_F(NewInTheCatalogs, theMetricIsInTheHelpTheFiguresAndTheirFiles)
{
    EXPECT_THAT(winnow({"figure", "--help"}).second, HasSubstr("kl or fill"));
    const auto figure = makeFigure("lanes", {.replays = {replay}}, {.metric = "fill"}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_EQ(figure->title, "Budget used of every lane");
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "l.csv"));
    EXPECT_THAT(textOf(folder / "l.csv"), HasSubstr("policy,layer,lane,fill\n"));
    ASSERT_TRUE(views::renderFigure("mass", {.replays = {replay}}, {.metric = "fill"}, folder / "m.svg", {}));
    EXPECT_THAT(textOf(folder / "m.svg"), HasSubstr("Budget used (share)"));
}

TEST_F(NewInTheCatalogs, theMetricIsInTheWindow)
{
    views::Selection selection;
    selection.setExtent(64, 3);
    views::ViewData data;
    data.replay = replay;
    views::QualityTab tab(&selection);
    tab.resize(900, 190);
    tab.show();
    tab.setData(data);
    tab.setMetric(*findMetric("fill"));
    tab.toggleTable();
    tab.finish();
    EXPECT_EQ(tab.table()->horizontalHeaderItem(7)->text(), QStringLiteral("Fill"));
    EXPECT_THAT(figureArguments(*tab.currentFigure()), ElementsAre("mass", "--step", "0", "--metric", "fill", "--focus", "1"));
    views::LaneGrid grid(&selection);
    grid.setData(data);
    QStringList offered;
    for (const QAction* action : grid.findChild<QToolButton*>()->menu()->actions())
        offered << action->text();
    EXPECT_TRUE(offered.contains(QStringLiteral("fill"))) << offered.join(QLatin1Char(' ')).toStdString();
}

} // namespace
} // namespace winnow::app
