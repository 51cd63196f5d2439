// SPDX-License-Identifier: GPL-3.0-or-later
// The paths in a copied command: they hold in any folder, and after the window is closed. GUI thread.
#pragma once

#include "app/window/export_command.h"
#include "app/work/workspace.h"

#include <QString>

namespace winnow::app {

/// The path for whoever works in another folder than the window was started in; empty stays empty.
std::filesystem::path anywhere(const std::filesystem::path& path);

/// How the shown recording is named in a command.
struct LastingTrace {
    std::filesystem::path file;        ///< empty = there is no recording
    std::optional<RecordParts> record; ///< it goes with the window, and this makes it again
};
/// Nothing where the recording goes with the window and it is not known what it was made from.
std::optional<LastingTrace> lastingTrace(const Workspace& workspace);
/// The same for a recording of `workspace` that is not shown; `info` may be null.
std::optional<LastingTrace> lastingTrace(const Workspace& workspace, const Sources& sources, const TraceInfo* info);
/// What a person is told then.
QString noLastingTrace();

} // namespace winnow::app
