// SPDX-License-Identifier: GPL-3.0-or-later
// What main() calls in the Qt part of the program.
#pragma once

#include "app/cli/commands.h"

namespace winnow::app {

/// Runs the window with the words of the command line (`winnow [options] [files…]`, see --help) until it is closed. Returns the
/// exit code of the program.
int runWindow(int argc, char** argv);

/// Draws figures for the command line, without a display. The first figure that is drawn makes the QApplication, offscreen.
cli::FigureDoor offscreenFigures(int argc, char** argv);

} // namespace winnow::app
