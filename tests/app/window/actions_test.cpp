// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/actions.h"
#include "app/window/keys_dialog.h"
#include "app/window/main_window.h"

#include <QAction>
#include <QSettings>
#include <QSignalSpy>
#include <QTableWidget>

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace winnow::app;

TEST(ActionTable, idsAreUnique)
{
    std::set<std::string> seen;
    for (const ActionSpec& action : actionTable())
        EXPECT_TRUE(seen.insert(action.id).second) << action.id;
}

TEST(ActionTable, noTwoActionsShareAKey)
{
    std::map<QString, std::string> owner;
    for (const ActionSpec& action : actionTable())
        for (const QKeySequence& key : shortcutsOf(action)) {
            EXPECT_FALSE(key.isEmpty()) << action.id << " has a key that Qt does not know";
            const auto [place, fresh] = owner.emplace(key.toString(), action.id);
            EXPECT_TRUE(fresh) << action.id << " and " << place->second << " share " << key.toString().toStdString();
        }
}

TEST(ActionTable, everyActionSaysWhatItDoesAndIsInTheWindow)
{
    MainWindow window;
    for (const ActionSpec& action : actionTable()) {
        EXPECT_GT(std::string(action.text).size(), 2u) << action.id;
        const QAction* made = window.action(QLatin1String(action.id));
        ASSERT_NE(made, nullptr) << action.id;
        EXPECT_EQ(made->shortcuts(), shortcutsOf(action)) << action.id;
    }
}

TEST(KeysDialog, fitsInTheSmallestWindowAndNamesTheSubmenu)
{
    MainWindow window;
    window.resize(900, 600);
    const KeysDialog dialog(&window);
    EXPECT_LT(dialog.height(), window.height());
    const auto* table = dialog.findChild<QTableWidget*>();
    ASSERT_NE(table, nullptr);
    EXPECT_FALSE(table->findItems(QStringLiteral("Theme: Dark"), Qt::MatchExactly).isEmpty());
    EXPECT_FALSE(table->findItems(QStringLiteral("Figure width: Text, 5.5 in"), Qt::MatchExactly).isEmpty());
}

TEST(KeysDialog, rebindsAnActionAndRemembersIt)
{
    MainWindow window;
    auto* dialog = new KeysDialog(&window);
    QSignalSpy rebound(dialog, &KeysDialog::rebound);
    EXPECT_TRUE(dialog->rebind(QStringLiteral("maximize"), {QKeySequence(Qt::Key_X)}));
    EXPECT_EQ(rebound.size(), 1);
    EXPECT_EQ(QSettings().value(QStringLiteral("keys/maximize")).toString(), QStringLiteral("X"));
    {
        const MainWindow next;
        EXPECT_EQ(next.action(QStringLiteral("maximize"))->shortcut(), QKeySequence(Qt::Key_X));
    }
    EXPECT_FALSE(dialog->rebind(QStringLiteral("fit"), {QKeySequence(Qt::Key_X)})) << "one key, one action";
    EXPECT_TRUE(dialog->problem().contains(QStringLiteral("Maximize")));
    EXPECT_TRUE(dialog->rebind(QStringLiteral("maximize"), {QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter)}));
    EXPECT_FALSE(QSettings().contains(QStringLiteral("keys/maximize"))) << "the default needs no memory";
    EXPECT_TRUE(dialog->problem().isEmpty());
    delete dialog;
}
