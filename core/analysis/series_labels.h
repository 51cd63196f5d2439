// SPDX-License-Identifier: GPL-3.0-or-later
// Short names for series of answers, whose full names are policy lines. Pure; any thread.
#pragma once

#include <map>
#include <span>
#include <string>

namespace winnow {

/// By series: "treekv 128" for a policy line with that budget, "treekv 128 sinks=4" where another of that name and budget has
/// other sinks. The series itself where it is no policy line, and where two mean the same.
std::map<std::string, std::string> seriesLabels(std::span<const std::string> series);

} // namespace winnow
