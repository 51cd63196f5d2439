// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the weight of a model that holds NaN or infinity, for the error sentence of a run whose numbers were not finite.
#pragma once

#include "core/base/job_context.h"
#include "core/model/config/model_config.h"

#include <ATen/core/ScalarType.h>

#include <filesystem>
#include <optional>
#include <string>

namespace winnow {

/// The name of the first such weight, as its file has it; nothing where all that the model reads are finite. `dtype` is that of
/// the run. Reads every weight once, on the CPU, a layer at a time: about as long as loading the model takes.
Result<std::optional<std::string>> findBadWeight(const std::filesystem::path& place, const ModelConfig& config,
                                                 at::ScalarType dtype, const JobContext& job);

} // namespace winnow
