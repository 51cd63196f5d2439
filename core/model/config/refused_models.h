// SPDX-License-Identifier: GPL-3.0-or-later
// Models that cannot be opened here, by name, and what to do instead. Free of Torch.
#pragma once

#include "core/model/config/config_reader.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace winnow {

/// Why models of this type cannot be run, and what can: "it is an encoder: …". "" for an unknown type.
std::string whyRefused(std::string_view modelType);

/// Notes what a config.json of a type that can be run may hold and that would change the numbers: quantized weights, experts.
void noteRefused(ConfigReader& root);

/// A sentence when the weights of `folder` are there, but in a form that is not read: pickle, adapters, GGUF, TensorFlow.
Result<void> checkWeightFormat(const std::filesystem::path& folder);

} // namespace winnow
