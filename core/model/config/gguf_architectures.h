// SPDX-License-Identifier: GPL-3.0-or-later
// Which architectures of GGUF files are read, and as which type of config.json. Free of Torch.
#pragma once

#include <string>
#include <string_view>

namespace winnow {

/// The `model_type` of config.json for what a file calls `general.architecture`; "" when it is not read.
std::string_view modelTypeOf(std::string_view architecture);

/// Why an architecture cannot be run, and what to do instead, worded like whyRefused; "" for an unknown one.
std::string whyArchitectureRefused(std::string_view architecture);

/// "gemma2, gemma3, …", for sentences.
std::string supportedArchitectures();

} // namespace winnow
