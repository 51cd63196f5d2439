// SPDX-License-Identifier: GPL-3.0-or-later
// Every action of the window in one table: the menus, the shortcuts, the list of keys (`?`) and the tests read it.
#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>

#include <span>

namespace winnow::app {

class MainWindow;

struct ActionSpec {
    const char* id;   ///< unique; the settings key of a rebinding is "keys/" + id
    const char* menu; ///< "File", "View/Theme", …; "" = keys only
    const char* text; ///< in the menu and in the list of keys
    const char* keys; ///< shortcuts, separated by "; "; "" = none
    void (*run)(MainWindow& window, int argument);
    int argument = 0;
    bool separatorBefore = false;
    bool needsData = false;                                         ///< grayed out while nothing is open
    bool (*isOn)(const MainWindow& window, int argument) = nullptr; ///< for what is on or off: a check mark in the menu
};

/// In the order of the menus.
std::span<const ActionSpec> actionTable();

/// The shortcuts of an action: those of the settings, if rebound there, else the table's.
QList<QKeySequence> shortcutsOf(const ActionSpec& action);

} // namespace winnow::app
