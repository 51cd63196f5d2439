// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/drift_tab.h"

#include "tests/support/synthetic_replay.h"
#include "views/state/selection.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

TEST(DriftTab, saysOfARunThatGoesOnThatItIsToldWhenTheRunHasEnded)
{
    const test::SyntheticOptions options{.tokens = 64, .budget = 16, .policies = 1};
    auto both = std::make_shared<ReplayResult>(*test::syntheticReplay(options));
    Selection selection;
    DriftTab tab(&selection);
    ViewData data{.info = test::syntheticInfo(options), .replay = both, .tokensRecorded = options.tokens};
    selection.setExtent(options.tokens, 1);
    tab.setData(data);
    EXPECT_TRUE(tab.accessibleDescription().startsWith(QStringLiteral("No run is shown")));

    auto run = std::make_shared<PolicyReplay>(*test::asRun(*both->policies.front(), 3));
    run->stepsDone = options.tokens / 2;
    auto growing = std::make_shared<ReplayResult>(*both);
    growing->policies.push_back(run);
    data.replay = growing;
    selection.setExtent(options.tokens, 2);
    tab.setData(data);
    EXPECT_TRUE(tab.accessibleDescription().startsWith(QStringLiteral("A run is going on")))
        << qPrintable(tab.accessibleDescription());
}

} // namespace
} // namespace winnow::views
