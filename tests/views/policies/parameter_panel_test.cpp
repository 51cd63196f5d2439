// SPDX-License-Identifier: GPL-3.0-or-later
// The panel of one policy: the field of an expression completes the names that may stand in it.
#include "views/policies/policy_list_parameters.h"

#include <QCompleter>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

class ExpressionField : public testing::Test {
protected:
    ExpressionField()
    {
        panel.setSpec(parsePolicySpec("expr:score=\"max(mean,last)\"").value());
        panel.show();
        for (QLineEdit* one : panel.findChildren<QLineEdit*>())
            if (one->accessibleName() == QStringLiteral("Score"))
                field = one;
    }
    ParameterPanel panel{*findPolicy("expr"), nullptr};
    QLineEdit* field = nullptr;
};

TEST_F(ExpressionField, showsTheExpressionWithoutItsQuotes)
{
    ASSERT_TRUE(field);
    EXPECT_EQ(field->text(), QStringLiteral("max(mean,last)"));
}

TEST_F(ExpressionField, completesTheWordBeforeTheCursor)
{
    ASSERT_TRUE(field && field->completer());
    QCompleter& completer = *field->completer();
    field->setText(QStringLiteral("1+va*age"));
    field->setCursorPosition(4);
    completer.setCompletionPrefix(completer.splitPath(field->text()).constFirst());
    EXPECT_EQ(completer.completionPrefix(), QStringLiteral("va"));
    ASSERT_EQ(completer.completionCount(), 1);
    EXPECT_EQ(completer.currentCompletion(), QStringLiteral("1+value_norm*age"));
}

TEST_F(ExpressionField, announcesWhatWasTyped)
{
    ASSERT_TRUE(field);
    QSignalSpy edited(&panel, &ParameterPanel::edited);
    field->clear();
    QTest::keyClicks(field, QStringLiteral("sum/2"));
    QTest::keyClick(field, Qt::Key_Return);
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(edited.front().at(0).toString(), QStringLiteral("score"));
    EXPECT_EQ(edited.front().at(1).toString(), QStringLiteral("sum/2"));
}

} // namespace
} // namespace winnow::views
