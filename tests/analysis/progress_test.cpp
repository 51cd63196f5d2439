// SPDX-License-Identifier: GPL-3.0-or-later
// How far a figure says it is: from 0 to 1 over all of its recordings, never back.
#include "core/analysis/figures/figure_catalog.h"

#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace winnow {
namespace {

using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::TemporaryFolder;

class FigureProgress : public testing::Test {
protected:
    /// What `name` tells while it is made, in order.
    std::vector<double> told(std::string_view name, const FigureOptions& options, int recordings, int texts = 0)
    {
        FigureInputs inputs;
        inputs.traces.assign(static_cast<std::size_t>(recordings), trace);
        inputs.series = {static_cast<std::size_t>(texts), [this](std::size_t, const JobContext& job) {
                             job.report("recording", 0.5);
                             job.report("recording", 1);
                             return Result<std::shared_ptr<const Trace>>(trace);
                         }};
        inputs.replays = {replay};
        std::vector<double> shares;
        const JobContext job({}, [&](std::string_view, double share) { shares.push_back(share); });
        const auto figure = makeFigure(name, inputs, options, job);
        EXPECT_TRUE(figure) << name << ": " << (figure ? "" : figure.error().message);
        return shares;
    }

    TemporaryFolder folder;
    std::shared_ptr<const Trace> trace = openSynthetic(makeSynthetic({.tokens = 96}), folder);
    std::shared_ptr<const ReplayResult> replay = [&] {
        auto made = std::make_shared<ReplayResult>(
            *test::syntheticReplay({.tokens = 96, .layers = 2, .lanes = 2, .budget = 16, .policies = 3}));
        made->tokenIds = trace->info().tokens;
        made->layers = trace->info().layers;
        return made;
    }();
};

void expectToTheEnd(const std::vector<double>& shares, std::string_view what)
{
    ASSERT_FALSE(shares.empty()) << what;
    EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end())) << what << ": " << testing::PrintToString(shares);
    EXPECT_GE(shares.front(), 0) << what;
    EXPECT_NEAR(shares.back(), 1, 1e-12) << what;
}

TEST_F(FigureProgress, runsOverAllRecordingsAndTexts)
{
    for (const FigureKind& kind : figureCatalog())
        if (kind.averages) {
            const std::vector<double> given = told(kind.name, {.hide = 8}, 3), both = told(kind.name, {.hide = 8}, 1, 3);
            expectToTheEnd(given, kind.name);
            expectToTheEnd(both, kind.name);
            EXPECT_GE(given.size(), 3U);
            const auto first = std::find_if(both.begin(), both.end(), [](double share) { return share >= 0.25; });
            ASSERT_NE(first, both.end());
            EXPECT_DOUBLE_EQ(*first, 0.25) << "the recording that was given is a quarter";
        }
}

TEST_F(FigureProgress, countsEveryShuffleOfAScalogram)
{
    const std::vector<double> shares = told("wavelet", {.layer = 0, .head = 0, .transform = "cwt", .noise = "shuffled"}, 1);
    expectToTheEnd(shares, "wavelet");
    EXPECT_EQ(shares.size(), 20U);
    for (std::size_t i = 0; i < shares.size(); ++i)
        EXPECT_NEAR(shares[i], static_cast<double>(i + 1) / 20, 1e-12) << "one scalogram and 19 of shuffled tokens";
    const std::vector<double> both = told("wavelet", {.transform = "cwt", .noise = "shuffled"}, 1); // two layers
    expectToTheEnd(both, "wavelet");
    EXPECT_GT(both.size(), 20U);
}

TEST_F(FigureProgress, neverFallsBackInAnyFigure)
{
    for (const FigureKind& kind : figureCatalog()) {
        if (isOfResults(kind.needs) || kind.needs == FigureNeeds::Runs) // of other inputs, and done at once
            continue;
        FigureOptions options;
        if (kind.name == "attention")
            options.layer = options.head = 0;
        const std::vector<double> shares = told(kind.name, options, kind.needs == FigureNeeds::Replay ? 0 : 1);
        EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end())) << kind.name << ": " << testing::PrintToString(shares);
        EXPECT_TRUE(shares.empty() || (shares.front() >= 0 && shares.back() <= 1)) << kind.name;
    }
}

} // namespace
} // namespace winnow
