// SPDX-License-Identifier: GPL-3.0-or-later
// The policies as they are edited, without a list.
#include "views/policies/policy_edits.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

PolicyEdits threePolicies()
{
    std::vector<PolicySpec> specs;
    for (const char* line : {"h2o:budget=64", "tova:budget=32", "treekv:budget=16"})
        specs.push_back(*parsePolicySpec(line));
    PolicyEdits edits;
    edits.setSpecs(specs);
    for (int policy = 0; policy < 3; ++policy)
        edits.note(policy).state = QString::number(policy);
    return edits;
}

/// "h2o0 tova1 treekv2": names with their notes.
std::string shown(PolicyEdits& edits)
{
    std::string text;
    for (int policy = 0; policy < edits.count(); ++policy)
        text += (policy ? " " : "") + edits.spec(policy).name + edits.note(policy).state.toStdString();
    return text;
}

TEST(PolicyEdits, notesGoWithTheirPolicies)
{
    PolicyEdits edits = threePolicies();
    edits.apply(edits.moved(2, 0));
    EXPECT_EQ(shown(edits), "treekv2 h2o0 tova1");
    edits.apply(edits.duplicated(1));
    EXPECT_EQ(shown(edits), "treekv2 h2o0 h2o tova1") << "the copy has none";
    edits.apply(*edits.removed(0));
    EXPECT_EQ(shown(edits), "h2o0 h2o tova1");
    edits.apply(edits.appended(*parsePolicySpec("window:budget=8")));
    EXPECT_EQ(shown(edits), "h2o0 h2o tova1 window");
}

TEST(PolicyEdits, aChangeSaysWhereAPolicyWent)
{
    const PolicyEdits edits = threePolicies();
    const auto moved = edits.moved(0, 2);
    EXPECT_EQ(moved.numberOf(0), 2);
    EXPECT_EQ(moved.numberOf(1), 0);
    const auto removed = *edits.removed(2);
    EXPECT_EQ(removed.numberOf(2), 1) << "of a removed one: what is in its place";
    EXPECT_EQ(removed.numberOf(0), 0);
}

TEST(PolicyEdits, theLastPolicyStays)
{
    PolicyEdits edits;
    edits.setSpecs({*parsePolicySpec("h2o:budget=64")});
    EXPECT_FALSE(edits.removed(0));
    EXPECT_FALSE(threePolicies().removed(3));
}

TEST(PolicyEdits, takesBudgetsOverAndRefusesWrongValues)
{
    PolicyEdits edits = threePolicies();
    EXPECT_EQ(edits.fresh("window", 1)->value("budget"), "32");
    EXPECT_TRUE(edits.fresh("full", 1)) << "which takes no budget";
    EXPECT_EQ(edits.withDefaults(0)->value("budget"), "64");
    EXPECT_FALSE(edits.withValue(0, "budget", "many"));
    const auto changed = edits.withValue(0, "budget", "128");
    ASSERT_TRUE(changed);
    edits.note(0).refused = QStringLiteral("no");
    EXPECT_TRUE(edits.store(0, *changed));
    EXPECT_TRUE(edits.note(0).refused.isEmpty());
    EXPECT_FALSE(edits.store(0, *changed)) << "nothing is different";
    EXPECT_EQ(edits.spec(0).value("budget"), "128");
}

} // namespace
} // namespace winnow::views
