// SPDX-License-Identifier: GPL-3.0-or-later
// A session (.winnow): what was open, which policies, and what was looked at, as the window has it. The file itself is read and
// checked by app/cli/session_file.h.
#pragma once

#include "app/cli/session_file.h"
#include "core/base/result.h"
#include "core/policy/policy_spec.h"
#include "views/notes/notes.h"
#include "views/plot/color_scale.h"
#include "views/state/selection.h"

#include <QString>

#include <filesystem>
#include <vector>

namespace winnow::app {

enum class ThemeChoice { System, Dark, Light };

struct Session {
    std::filesystem::path model, text, trace, replay; ///< absolute; empty = none
    std::filesystem::path runs;                       ///< the file that holds the runs; likewise
    QString modelName, textName;
    std::vector<PolicySpec> policies;
    int prompt = 0;
    views::SelectionState selection;
    std::vector<views::Note> notes;
    SessionControls controls;
    SessionFigures figures;
    views::ScaleKind scale = views::ScaleKind::Linear;
    ThemeChoice theme = ThemeChoice::System;
    SessionWindow window;
    friend bool operator==(const Session&, const Session&) = default;
};

/// JSON text; `file` is where it will stand, for the relative paths.
std::string sessionText(const Session& session, const std::filesystem::path& file);
/// The reverse. A relative path is taken where it leads to something, else the absolute one. Errors name file, key, found and
/// expected; a session of a later version is refused.
Result<Session> parseSession(std::string_view text, const std::filesystem::path& file);

Result<void> writeSession(const Session& session, const std::filesystem::path& file);
Result<Session> readSession(const std::filesystem::path& file);

} // namespace winnow::app
