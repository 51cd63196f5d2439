// SPDX-License-Identifier: GPL-3.0-or-later
// The choice of a policy: a catalog of thirty stays usable, and what cannot be replayed says why.
#include "views/policies/policy_chooser.h"

#include "tests/support/large_font.h"

#include <QGuiApplication>
#include <QLineEdit>
#include <QScreen>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

class PolicyChooserTest : public testing::Test {
protected:
    PolicyChooserTest()
    {
        for (int i = 0; i < 30; ++i)
            names.push_back("policy" + std::to_string(i));
        for (int i = 0; i < 30; ++i) {
            PolicyInfo info;
            info.name = info.title = names[static_cast<std::size_t>(i)];
            info.summary = i == 7 ? "Keeps a tree of tokens." : "Keeps something.";
            info.citation = i == 9 ? "Somebody, treetops, 2031" : "Somebody, 2030";
            info.acts = i % 3 == 0 ? Acts::EndOfPrompt : Acts::EveryStep;
            catalog.push_back(info);
        }
        refusal = [](const PolicyInfo& info) {
            return info.acts == Acts::EndOfPrompt ? QStringLiteral("It needs a prompt; give --prompt.") : QString();
        };
    }
    void press(Qt::Key key) { QTest::keyClick(chooser.search(), key); }

    std::vector<std::string> names;
    std::vector<PolicyInfo> catalog;
    PolicyChooser::Refusal refusal;
    PolicyChooser chooser{nullptr};
};

TEST_F(PolicyChooserTest, showsAllThirtyGroupedByWhenTheyAct)
{
    chooser.fill(catalog, refusal);
    const QStringList shown = chooser.shownNames();
    ASSERT_EQ(shown.size(), 30);
    EXPECT_EQ(shown.first(), QStringLiteral("policy1")) << "those of every step come first";
    EXPECT_EQ(shown.last(), QStringLiteral("policy27"));
}

TEST(PolicyChooserOfLargeLetters, hasMostOfItsRoomForTheList)
{
    const testing_support::LargeFont twice(2);
    PolicyChooser chooser(nullptr);
    chooser.fill(policyCatalog(), {});
    chooser.resize(680, 560);
    chooser.show();
    QCoreApplication::processEvents();
    EXPECT_GT(chooser.findChild<QTreeWidget*>()->height(), chooser.height() / 2);
}

TEST_F(PolicyChooserTest, findsByNameSummaryAndPaper)
{
    chooser.fill(catalog, refusal);
    QTest::keyClicks(chooser.search(), QStringLiteral("tree"));
    EXPECT_EQ(chooser.shownNames(), (QStringList{QStringLiteral("policy7"), QStringLiteral("policy9")}));
    QTest::keyClicks(chooser.search(), QStringLiteral("tops"));
    EXPECT_EQ(chooser.shownNames(), QStringList{QStringLiteral("policy9")});
    EXPECT_TRUE(chooser.details().contains(QStringLiteral("treetops, 2031"))) << "the paper is named";
    QTest::keyClicks(chooser.search(), QStringLiteral("nothing"));
    EXPECT_TRUE(chooser.shownNames().isEmpty());
    EXPECT_TRUE(chooser.details().contains(QStringLiteral("No policy")));
}

TEST_F(PolicyChooserTest, choosesByKeyboardAlone)
{
    QSignalSpy chosen(&chooser, &PolicyChooser::chosen);
    chooser.open(catalog, refusal, QPoint(10, 10));
    QTest::keyClicks(chooser.search(), QStringLiteral("policy2"));
    press(Qt::Key_Down);
    press(Qt::Key_Return);
    ASSERT_EQ(chosen.size(), 1);
    EXPECT_EQ(chosen.first().first().toString(), QStringLiteral("policy20"));
    EXPECT_FALSE(chooser.isVisible());
}

TEST_F(PolicyChooserTest, refusesWithTheReasonAndStaysOpen)
{
    QSignalSpy chosen(&chooser, &PolicyChooser::chosen);
    chooser.open(catalog, refusal, QPoint(10, 10));
    QTest::keyClicks(chooser.search(), QStringLiteral("policy27"));
    EXPECT_TRUE(chooser.details().contains(QStringLiteral("It needs a prompt")));
    press(Qt::Key_Return);
    EXPECT_EQ(chosen.size(), 0);
    EXPECT_TRUE(chooser.isVisible());
    press(Qt::Key_Escape);
    EXPECT_FALSE(chooser.isVisible());
}

TEST_F(PolicyChooserTest, staysInsideTheScreenWhereverItOpens)
{
    for (const QPoint& at : {QPoint(5, 5), QPoint(2000, 2000), QPoint(-50, 300)}) {
        chooser.open(catalog, refusal, at);
        EXPECT_TRUE(QGuiApplication::primaryScreen()->availableGeometry().contains(chooser.geometry()))
            << at.x() << ", " << at.y();
        chooser.hide();
    }
}

} // namespace
} // namespace winnow::views
