// SPDX-License-Identifier: GPL-3.0-or-later
// An option that takes several ranges of whole numbers.
#pragma once

#include "app/cli/commands.h"

#include <vector>

namespace winnow::cli {

/// "5,11,17-18": as addRange takes them, with commas between; anything else is a wrong command line.
CLI::Option* addRanges(CLI::App& command, const std::string& name, std::vector<IndexRange>& ranges, const std::string& help);

} // namespace winnow::cli
