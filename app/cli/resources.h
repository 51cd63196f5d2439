// SPDX-License-Identifier: GPL-3.0-or-later
// Where the files lie that come with the program: the demo model, the sample texts, icons.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <vector>

namespace winnow {

/// Beside an installed program, by the way that it was installed with (../share/winnow), else the source tree it was built from.
std::filesystem::path resourcesFolder();
/// The folder of the demo model, or a sentence that says where it was looked for.
Result<std::filesystem::path> demoModel();
/// Where `./run model` puts models: winnow/models in the user's data folder ($XDG_DATA_HOME, or ~/.local/share).
std::filesystem::path userModelsFolder();
/// What lies there, by name.
std::vector<std::filesystem::path> userModels();
/// The sample texts, by name; the one of the first run comes first.
Result<std::vector<std::filesystem::path>> sampleTexts();

} // namespace winnow
