// SPDX-License-Identifier: GPL-3.0-or-later
// Which tensors of a model's files nothing reads: a sign that the model is more than its config.json says. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/model/config/model_config.h"

#include <filesystem>
#include <string>
#include <vector>

namespace winnow {

/// The names of the tensors that are stored for the model at `place` (as resolveModel gives it) and take no part in a run,
/// ascending. Left out are those that change nothing: masks, positions and rotary frequencies that old programs stored beside the
/// weights, and the parts of a model that see or hear. Reads the headers of the files only. An error where a tensor that is
/// needed is missing.
Result<std::vector<std::string>> unreadTensors(const std::filesystem::path& place, const ModelConfig& config);

/// A sentence that names the first few; "" when `names` is empty.
std::string unreadWarning(const std::vector<std::string>& names);

} // namespace winnow
