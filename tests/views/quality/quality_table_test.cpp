// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the Quality tab against the catalog of metrics.
#include "tests/support/synthetic_replay.h"
#include "views/quality/quality_tab.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace winnow::views {
namespace {

TEST(QualityTable, hasAColumnPerMetricAndTheWorstStepOfTheFirst)
{
    Selection selection;
    QualityTab tab(&selection);
    ViewData data;
    data.replay = test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 4});
    selection.setExtent(96, 4);
    tab.resize(900, 190);
    tab.show();
    tab.setData(data);
    tab.toggleTable();
    tab.finish();
    const auto& metrics = metricCatalog();
    ASSERT_EQ(tab.table()->columnCount(), static_cast<int>(1 + metrics.size() + 5));
    for (std::size_t m = 0; m < metrics.size(); ++m) {
        const int column = static_cast<int>(m) + 1;
        EXPECT_EQ(tab.table()->horizontalHeaderItem(column)->text().toLower().toStdString(), metrics[m].name);
        const auto curves = qualityCurves(*data.replay, metrics[m], {}, {});
        for (int row = 0; row < 4; ++row)
            EXPECT_EQ(tab.table()->item(row, column)->text(),
                      metrics[m].ofModel ? QStringLiteral("—") // no run
                                         : QString::number(curves->lines[row].average, 'f', metrics[m].whole ? 1 : 3));
    }
    EXPECT_EQ(tab.table()->horizontalHeaderItem(static_cast<int>(metrics.size()))->text(), QStringLiteral("KL"));
    EXPECT_TRUE(tab.table()->horizontalHeaderItem(tab.table()->columnCount() - 1)->textAlignment() & Qt::AlignLeft);
    const int worstAt = static_cast<int>(metrics.size()) + 1;
    const auto mass = qualityCurves(*data.replay, Metric::Mass, {}, {});
    for (int row = 0; row < 4; ++row) {
        const auto& mean = mass->lines[row].mean;
        const auto worst = std::min_element(mean.begin() + mass->range.begin, mean.begin() + mass->range.end);
        EXPECT_EQ(tab.table()->item(row, worstAt)->text(), QString::number(worst - mean.begin())) << "less mass is worse";
        EXPECT_EQ(tab.table()->item(row, worstAt + 1)->text(), QString::number(*worst, 'f', 3));
    }
}

TEST(QualityTable, saysWhereAPolicyRanWhereAGpuWasUsed)
{
    ReplayResult replay = *test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 2});
    replay.manifest["replay_device"] = "stand-in";
    for (const std::size_t row : {0U, 1U}) {
        auto policy = std::make_shared<PolicyReplay>(*replay.policies[row]);
        policy->spec = *parsePolicySpec(row == 0 ? "h2o:budget=16" : "quest:budget=16");
        replay.policies[row] = policy;
    }
    Selection selection;
    QualityTab tab(&selection);
    ViewData data;
    data.replay = std::make_shared<const ReplayResult>(replay);
    selection.setExtent(96, 2);
    tab.resize(900, 190);
    tab.show();
    tab.setData(data);
    tab.toggleTable();
    tab.finish();
    const int column = tab.table()->columnCount() - 2;
    EXPECT_EQ(tab.table()->horizontalHeaderItem(column)->text(), QStringLiteral("Ran on"));
    EXPECT_EQ(tab.table()->item(0, column)->text(), QStringLiteral("stand-in"));
    EXPECT_EQ(tab.table()->item(0, column)->toolTip(), QString());
    EXPECT_EQ(tab.table()->item(1, column)->text(), QStringLiteral("CPU"));
    EXPECT_EQ(tab.table()->item(1, column)->toolTip(), QStringLiteral("Not on the GPU: it selects pages to read"));
}

} // namespace
} // namespace winnow::views
