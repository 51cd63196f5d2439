// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of `winnow`: everything the window does can be done here first, without a display.
#pragma once

#include "app/cli/commands.h"

#include <string>
#include <vector>

namespace winnow::cli {

/// The names of all commands, in the order of `winnow --help`.
std::vector<std::string> commandNames();

/// Runs one command. `arguments` without the program's name; the first is the command (or --help, --version).
/// Returns the exit code: 0 done, 1 the world was wrong, 2 the command line was wrong, 130 cancelled.
int run(const std::vector<std::string>& arguments, const FigureDoor& door);

} // namespace winnow::cli
