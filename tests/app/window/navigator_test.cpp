// SPDX-License-Identifier: GPL-3.0-or-later
// Steps, evictions, spans and panes, without a window.
#include "app/window/navigator.h"

#include "core/analysis/kept_share.h"
#include "tests/support/synthetic_replay.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <gtest/gtest.h>

#include <memory>

using namespace winnow;
using namespace winnow::app;
using views::Range;
using views::Selection;

namespace {

constexpr int kTokens = 96;

/// One policy with one layer and three lanes; token 5 leaves them at the given steps (−1: never).
std::shared_ptr<const ReplayResult> replayWhereToken5Leaves(const std::vector<int>& steps)
{
    auto result = std::make_shared<ReplayResult>(*test::syntheticReplay(
        {.tokens = kTokens, .layers = 1, .lanes = static_cast<int>(steps.size()), .budget = 16, .policies = 1}));
    auto policy = std::make_shared<PolicyReplay>(*result->policies.front());
    for (std::size_t lane = 0; lane < steps.size(); ++lane)
        policy->evictStep[lane * kTokens + 5] = steps[lane];
    result->policies.front() = policy;
    return result;
}

struct Fixture {
    Selection selection;
    Navigator navigator{&selection};
    explicit Fixture(const std::vector<int>& steps = {40, 20, -1})
    {
        views::ViewData data;
        data.replay = replayWhereToken5Leaves(steps);
        selection.setExtent(kTokens, 3);
        navigator.setData(data);
        selection.setToken(5);
    }
    int step() const { return selection.state().step; }
};

} // namespace

TEST(Navigator, stopsAtTheFirstAndTheLastStep)
{
    Fixture f;
    f.navigator.moveStep(-1);
    EXPECT_EQ(f.step(), 0);
    f.navigator.moveStep(17);
    EXPECT_EQ(f.step(), 17);
    f.navigator.moveStep(1 << 30);
    EXPECT_EQ(f.step(), kTokens - 1);
    f.navigator.moveStep(1 << 30);
    f.navigator.moveStep(-16);
    EXPECT_EQ(f.step(), kTokens - 17);
}

TEST(Navigator, goesToTheStepsWhereFocusAndReferencePartInTheChosenLanes)
{
    Selection selection;
    Navigator navigator(&selection);
    views::ViewData data;
    data.replay = test::syntheticReplay({.tokens = kTokens, .layers = 1, .lanes = 2, .budget = 16, .policies = 3});
    selection.setExtent(kTokens, 3);
    navigator.setData(data);
    selection.setFocus(1);
    selection.setReference(2);
    selection.setLanes({{0, 1}});
    const PolicyReplay &a = *data.replay->policies[1], &b = *data.replay->policies[2];
    std::vector<int> parted; // by the definition: what only one of the two stores changes
    for (int step = 1; step < kTokens; ++step) {
        bool changed = false;
        for (int token = 0; token <= step; ++token) {
            const auto stands = [&](int at) { return a.keeps(0, 1, token, at) - b.keeps(0, 1, token, at); };
            changed |= stands(step) != stands(step - 1);
        }
        if (changed)
            parted.push_back(step);
    }
    ASSERT_GT(parted.size(), 5U);
    for (const int step : parted) {
        navigator.moveToDivergence(1);
        EXPECT_EQ(selection.state().step, step);
    }
    EXPECT_TRUE(selection.state().difference) << "the tokens concerned are outlined with it";
    navigator.moveToDivergence(1);
    EXPECT_EQ(selection.state().step, parted.back()) << "behind the last one it stays";
    navigator.moveToDivergence(-1);
    EXPECT_EQ(selection.state().step, parted[parted.size() - 2]);
    selection.setReference(1);
    navigator.moveToDivergence(1);
    EXPECT_EQ(selection.state().step, parted[parted.size() - 2]) << "a policy never parts from itself";
}

TEST(Navigator, goesForwardToTheNextEvictionAndBackToThePreviousOne)
{
    Fixture f;
    f.selection.setStep(30);
    f.navigator.moveToEviction(1);
    EXPECT_EQ(f.step(), 40) << "forward is later";
    f.navigator.moveToEviction(1);
    EXPECT_EQ(f.step(), 40) << "behind the last one it stays";
    f.navigator.moveToEviction(-1);
    EXPECT_EQ(f.step(), 20) << "back is earlier";
    f.navigator.moveToEviction(-1);
    EXPECT_EQ(f.step(), 20);
    f.selection.setStep(30);
    f.navigator.moveToEviction(-1);
    EXPECT_EQ(f.step(), 20);
}

TEST(Navigator, looksAtTheChosenLanesAndTheSelectedTokenOnly)
{
    Fixture f;
    f.selection.setLanes({{0, 0}});
    f.navigator.moveToEviction(1);
    EXPECT_EQ(f.step(), 40);
    f.selection.setLanes({{0, 2}});
    f.selection.setStep(7);
    f.navigator.moveToEviction(1);
    EXPECT_EQ(f.step(), 7) << "there it never leaves";
    f.selection.setLanes({});
    f.selection.setToken({});
    f.navigator.moveToEviction(1);
    EXPECT_EQ(f.step(), 7) << "without a token there is nowhere to go";
}

TEST(Navigator, ignoresPoliciesThatAreNotThere)
{
    Fixture f;
    f.navigator.focusPolicy(2);
    f.navigator.focusPolicy(3);
    EXPECT_EQ(f.selection.state().focus, 2);
    f.navigator.makeReference(1);
    f.navigator.makeReference(8);
    EXPECT_EQ(f.selection.state().reference, 1);
    f.selection.setHidden(0, true);
    f.selection.setHidden(2, true);
    f.navigator.showAllPolicies();
    for (int policy = 0; policy < 3; ++policy)
        EXPECT_TRUE(f.selection.isVisible(policy)) << policy;
}

TEST(Navigator, marksTheBrushAndTakesTheMarkAwayByTheSameKey)
{
    Fixture f;
    f.selection.setToken({});
    f.navigator.markSpan();
    EXPECT_TRUE(f.selection.state().spans.empty()) << "nothing is brushed";
    f.selection.setTokenRange(Range{20, 40});
    f.navigator.markSpan();
    f.selection.setTokenRange(Range{50, 60});
    f.navigator.markSpan();
    ASSERT_EQ(f.selection.state().spans.size(), 2u);
    f.navigator.markSpan();
    ASSERT_EQ(f.selection.state().spans.size(), 1u);
    EXPECT_EQ(f.selection.state().spans.front().tokens, (Range{20, 40}));
    f.selection.setTokenRange({});
    f.selection.setToken(45);
    f.navigator.markSpan();
    EXPECT_EQ(f.selection.state().spans.size(), 1u) << "the token lies beside the span";
    f.selection.setToken(39);
    f.navigator.markSpan();
    EXPECT_TRUE(f.selection.state().spans.empty()) << "without a brush the span of the selected token goes";
}

TEST(NextPane, goesAroundBothEnds)
{
    QWidget window;
    QList<QWidget*> panes;
    for (int i = 0; i < 3; ++i)
        panes.append(new QWidget(&window));
    auto* child = new QWidget(panes[1]);
    EXPECT_EQ(nextPane(panes, panes[0], 1), panes[1]);
    EXPECT_EQ(nextPane(panes, panes[2], 1), panes[0]);
    EXPECT_EQ(nextPane(panes, panes[0], -1), panes[2]);
    EXPECT_EQ(nextPane(panes, child, 1), panes[2]) << "what lies in a pane counts as the pane";
    EXPECT_EQ(nextPane(panes, child, -1), panes[0]);
    EXPECT_EQ(nextPane(panes, &window, 1), panes[0]) << "from nowhere: the first";
    EXPECT_EQ(nextPane(panes, nullptr, -1), panes[2]) << "or the last";
    EXPECT_EQ(nextPane({}, nullptr, 1), nullptr);
}

TEST(NextPane, theFocusGoesToTheFirstChildThatTakesIt)
{
    QWidget window;
    auto* pane = new QWidget(&window);
    auto* box = new QHBoxLayout(pane);
    box->addWidget(new QLabel(QStringLiteral("a name")));
    auto* first = new QPushButton;
    box->addWidget(first);
    box->addWidget(new QPushButton);
    window.show();
    window.activateWindow();
    focusPane(pane);
    EXPECT_EQ(window.focusWidget(), first);
    pane->setFocusPolicy(Qt::StrongFocus);
    focusPane(pane);
    EXPECT_EQ(window.focusWidget(), pane);
}
