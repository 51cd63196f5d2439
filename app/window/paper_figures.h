// SPDX-License-Identifier: GPL-3.0-or-later
// The menu "Paper figures": figures as papers have them, drawn for what is open. Figures of sweeps ask for the file of results.
// GUI thread.
#pragma once

#include "app/window/exporter.h"

class QMainWindow;
class QMenu;

namespace winnow::app {

/// Fills `menu` with an action for every preset of `winnow figure --papers`. The actions are named "paper-1", "paper-2" … and
/// belong to `window`, so the palette finds them. All must outlive the menu.
void addPaperFigures(QMenu* menu, Workspace* workspace, Exporter* exporter, Band* messages, QMainWindow* window);

} // namespace winnow::app
