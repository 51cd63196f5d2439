#include "app/actions.h"
#include "app/main_window.h"

#include <QAction>

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
