// SPDX-License-Identifier: GPL-3.0-or-later
// `winnow --self-test`: whether an installed Winnow does its work here.
#pragma once

#include "app/cli/commands.h"

namespace winnow::cli {

/// Records the demo model over the first tokens of a sample text, checks the recording, replays the demo's policies, reads the
/// replay back, draws and reports it, all in a temporary folder that is removed. One line for each step that is done; the first
/// that fails ends it with its sentence. About 5 s on two cores.
Result<void> selfTest(const FigureDoor& door, Console& console);

} // namespace winnow::cli
