// SPDX-License-Identifier: GPL-3.0-or-later
// The policies of a command line, and the budgets that they are tried with.
#pragma once

#include "app/cli/console.h"
#include "app/cli/file_options.h"
#include "core/policy/policy_spec.h"

#include <string>
#include <vector>

namespace winnow::cli {

struct PolicyLines {
    std::vector<std::string> policies;
    std::string budgets; ///< with commas between them
};

/// The options --policy, which is required and returned, and --budget. `verb`: what the command does with a policy.
CLI::Option* addPolicyLines(CLI::App& command, FileOptions& files, PolicyLines& lines, const std::string& verb);

/// Every policy once for each budget of --budget, unless it has none to choose or its line says which.
Result<std::vector<PolicySpec>> specsOf(const PolicyLines& line, Console& console);

} // namespace winnow::cli
