// SPDX-License-Identifier: GPL-3.0-or-later
// The two doors of the Qt part of the program, for main().
#pragma once

#include "app/cli/commands.h"

namespace winnow::app {

/// Opens the window: `winnow [options] [files…]`, see --help. Returns the exit code.
int runWindow(int argc, char** argv);

/// Drawing for the command line. The QApplication (offscreen: no display is needed) is made when the first picture is drawn.
cli::FigureDoor offscreenFigures(int argc, char** argv);

} // namespace winnow::app
