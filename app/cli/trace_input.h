// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings that a command reads.
#pragma once

#include "app/cli/console.h"

#include "core/trace/trace.h"

#include <memory>
#include <string>
#include <string_view>

namespace winnow::cli {

/// BadInput where `path` is something else than a recording: what it is, and that `command` ("winnow replay") takes a recording.
Result<void> expectTrace(const std::string& path, std::string_view command);

/// Opens a recording, and warns of one that was cut short.
Result<std::shared_ptr<const Trace>> openTrace(const std::string& path, Console& console);

} // namespace winnow::cli
