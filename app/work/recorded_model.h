// SPDX-License-Identifier: GPL-3.0-or-later
// The model that a recording was made from, looked for where models usually lie. Reads the weight files of candidates, some
// tenths of a second each. Any thread.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace winnow::app {

/// Where it may be: the places named, likeliest first, then the demo model and those that `./run model` fetched.
std::vector<std::filesystem::path> modelPlaces(std::vector<std::filesystem::path> named);

/// The first of `places` whose weights have the hash that the manifest of a recording says; where it says none, the first of the
/// same name; where it says nothing, the first. Errors, code NotFound: none is it, in a sentence that names the model.
Result<std::filesystem::path> recordedModel(const std::map<std::string, std::string>& manifest,
                                            const std::vector<std::filesystem::path>& places);

} // namespace winnow::app
