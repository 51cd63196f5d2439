// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what a model's own files say about it, with the help of its family. Free of Torch.
#pragma once

#include "core/model/config/model_config.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace winnow {

/// Pure. Reads both dialects of config.json: rope_theta, rope_scaling, torch_dtype; and rope_parameters (also nested by layer
/// type), dtype. `where` begins every error sentence. What would change the numbers and is not known here is refused by name,
/// never ignored.
Result<ModelConfig> parseModelConfig(std::string_view json, std::string_view where);

/// Reads and checks config.json, or the metadata of a GGUF file. `model`: as resolveModel gives it.
Result<ModelConfig> readModelConfig(const std::filesystem::path& model);

/// "gemma2, gemma3, …": what `model_type` may be, for sentences.
std::string supportedModelTypes();

} // namespace winnow
