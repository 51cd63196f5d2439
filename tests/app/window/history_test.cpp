// SPDX-License-Identifier: GPL-3.0-or-later
// Undo and redo without a window.
#include "app/window/history.h"

#include <gtest/gtest.h>

using namespace winnow;
using namespace winnow::app;
using views::Range;
using views::Selection;

namespace {

struct Fixture {
    Selection selection;
    views::Notes notes;
    std::vector<PolicySpec> policies{parsePolicySpec("h2o:budget=128").value(), parsePolicySpec("tova:budget=128").value()};
    History history{&selection, {[this] { return policies; }, [this](const auto& specs) { policies = specs; }}, &notes, nullptr};
    Fixture()
    {
        selection.setExtent(1000, 2);
        history.restart();
    }
};

} // namespace

TEST(History, takesFiltersAndMarksBackOneByOneAndLeavesTheStep)
{
    Fixture f;
    f.selection.setLanes({{0, 1}});
    f.selection.setStep(500);
    f.selection.setToken(7);
    f.selection.setDifference(true);
    f.selection.setStep(600);
    f.history.undo();
    EXPECT_FALSE(f.selection.state().difference);
    EXPECT_EQ(f.selection.state().token, 7);
    f.history.undo();
    EXPECT_FALSE(f.selection.state().token);
    EXPECT_EQ(f.selection.state().lanes.size(), 1U);
    f.history.undo();
    EXPECT_TRUE(f.selection.state().lanes.empty());
    EXPECT_EQ(f.selection.state().step, 600) << "where one looks is no deed";
    EXPECT_FALSE(f.history.canUndo());
    f.history.undo();
    f.history.redo();
    f.history.redo();
    EXPECT_EQ(f.selection.state().token, 7);
    f.selection.setTokenRange(Range{10, 20});
    EXPECT_FALSE(f.history.canRedo()) << "a new deed ends what was undone";
}

TEST(History, aDragIsOneDeed)
{
    Fixture f;
    for (int end = 11; end < 60; ++end)
        f.selection.setTokenRange(Range{10, end});
    f.history.undo();
    EXPECT_FALSE(f.selection.state().tokenRange);
    f.history.redo();
    EXPECT_EQ(f.selection.state().tokenRange, (Range{10, 59}));
}

TEST(History, aDragOfABudgetIsOneDeed)
{
    Fixture f;
    const auto before = f.policies;
    const auto drag = [&](std::size_t policy, int from, int to) {
        for (int budget = from; budget <= to; ++budget)
            f.history.editPolicies([&] {
                const auto changed = f.policies[policy].with("budget", std::to_string(budget));
                f.policies[policy] = changed.value();
            });
    };
    drag(0, 129, 180);
    const auto between = f.policies;
    drag(1, 129, 140);
    f.history.undo();
    EXPECT_EQ(f.policies, between) << "the budget of another policy is another deed";
    f.history.undo();
    EXPECT_EQ(f.policies, before);
    EXPECT_FALSE(f.history.canUndo());
    f.history.redo();
    EXPECT_EQ(f.policies, between);
}

TEST(History, bringsPoliciesBackAsTheyWereEdited)
{
    Fixture f;
    f.selection.setToken(3);
    const auto before = f.policies;
    f.history.editPolicies([&] { f.policies.pop_back(); });
    f.selection.setReference(1); // the list follows with its numbers
    f.history.undo();
    EXPECT_EQ(f.policies, before);
    EXPECT_EQ(f.selection.state().token, 3) << "an older deed stays";
    f.history.redo();
    EXPECT_EQ(f.policies.size(), 1U);
}

TEST(History, forgetsWithTheData)
{
    Fixture f;
    f.selection.setToken(3);
    f.selection.leave();
    EXPECT_FALSE(f.history.canUndo());
}

TEST(History, takesNotesBack)
{
    Fixture f;
    f.notes.add({.step = 500, .words = QStringLiteral("here")});
    f.notes.add({.step = 700, .tokens = Range{20, 30}, .words = QStringLiteral("the needle")});
    f.notes.edit(0, QStringLiteral("the needle goes"));
    EXPECT_EQ(f.notes.all()[0].words, QStringLiteral("the needle goes")) << "in the order of their places";
    f.history.undo();
    EXPECT_EQ(f.notes.all()[0].words, QStringLiteral("the needle"));
    f.history.undo();
    ASSERT_EQ(f.notes.all().size(), 1U);
    f.history.redo();
    f.notes.remove(0);
    EXPECT_EQ(f.notes.all().size(), 1U);
    EXPECT_FALSE(f.history.canRedo());
    f.history.undo();
    EXPECT_EQ(f.notes.all().size(), 2U);
}
