// SPDX-License-Identifier: GPL-3.0-or-later
// Options of the commands that run a model.
#pragma once

#include "app/cli/file_options.h"

#include <string>

namespace winnow::cli {

/// Adds --model, which must be given. `model` outlives the parsing.
void addModel(CLI::App& command, FileOptions& files, std::string& model);

/// Adds --dtype and --device, whose defaults are the present values.
void addTypeAndDevice(CLI::App& command, std::string& dtype, std::string& device);

} // namespace winnow::cli
