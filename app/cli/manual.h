// SPDX-License-Identifier: GPL-3.0-or-later
// `winnow manual` and `winnow completion`: what the parser knows of every command, as a manual page and for shells. Neither can
// differ from the help, for both are made from the same parser when they are asked for.
#pragma once

#include "app/cli/commands.h"

#include <string>
#include <string_view>

namespace winnow::cli {

/// In man's macros: winnow(1).
std::string manualPage(const CLI::App& app, std::string_view version);

enum class Shell { Bash, Zsh, Fish };
/// A script that completes commands, their options, and the names of policies, figures and tasks.
std::string completionScript(const CLI::App& app, Shell shell);

void addManual(CLI::App& app, Chosen& chosen);
void addCompletion(CLI::App& app, Chosen& chosen);

} // namespace winnow::cli
