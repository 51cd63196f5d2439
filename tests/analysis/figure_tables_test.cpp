// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of every figure as tables: their axes and columns fit, and both writers take them.
#include "core/analysis/figures/figure_catalog.h"

#include "core/io/npz.h"
#include "tests/support/score_grids.h"
#include "tests/support/sweep_results.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

TEST(FigureTables, ofEveryFigureAreWrittenBothWays)
{
    const testing_support::TemporaryFolder folder;
    FigureInputs inputs;
    inputs.traces = {testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 96}), folder)};
    auto replay = std::make_shared<ReplayResult>(
        *test::syntheticReplay({.tokens = 96, .layers = 2, .lanes = 2, .budget = 16, .policies = 3}));
    replay->tokenIds = inputs.traces.front()->info().tokens;
    replay->layers = inputs.traces.front()->info().layers;
    inputs.grids = {testing_support::scoreGrid("full"), testing_support::scoreGrid("treekv:budget=128")};
    inputs.papers = testing_support::paperTables();
    auto both = std::make_shared<ReplayResult>(*replay); // for those that set runs beside replays
    for (std::size_t i = 0; i < 3; ++i)
        both->policies.push_back(test::asRun(*replay->policies[i], 3 + 0.25F * static_cast<float>(i)));
    both->manifest["loop"] = ReplayResult::kBothLoops;
    for (const FigureKind& kind : figureCatalog()) {
        inputs.replays = {kind.needs == FigureNeeds::Runs ? both : replay};
        inputs.cells = kind.needs == FigureNeeds::Cells ? testing_support::sweepResults() : std::vector<CellResult>();
        FigureOptions options{.hide = 8};
        if (kind.name == "attention")
            options.layer = options.head = 0;
        const auto figure = makeFigure(kind, inputs, options, {});
        ASSERT_TRUE(figure) << kind.name << ": " << figure.error().message;
        const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
        EXPECT_THAT(csv, testing::StartsWith("# ")) << kind.name;
        EXPECT_GT(std::count(csv.begin(), csv.end(), '\n'), 4) << kind.name;
        ASSERT_TRUE(writeFigureNumbers(*figure, folder / "figure.npz")) << kind.name;
        const auto npz = readNpz(folder / "figure.npz");
        ASSERT_TRUE(npz) << kind.name;
        EXPECT_TRUE(npz->has("manifest")) << kind.name;
        if ((kind.needs != FigureNeeds::Replay && kind.needs != FigureNeeds::Both) || kind.name == "sweep")
            continue; // a sweep has a line for each policy, whose points are its replays
        inputs.replays = {both};
        const auto mixed = makeFigure(kind, inputs, options, {});
        ASSERT_TRUE(mixed) << kind.name << ": " << mixed.error().message;
        const std::string rows = csvText(mixed->numbers.tables(), {});
        EXPECT_NE(rows.find(", run\""), std::string::npos) << kind.name << ": run and replay of a policy cannot be told apart";
    }
}

} // namespace
} // namespace winnow
