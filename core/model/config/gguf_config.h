// SPDX-License-Identifier: GPL-3.0-or-later
// What a GGUF file's metadata say about a model, in the words of a config.json, so that one parser reads both. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/io/gguf.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// The bytes of one tensor; borrowed from the file.
using GgufBytes = std::function<std::span<const std::byte>(const GgufTensorEntry&)>;

/// Pure. The keys are those of the Python package gguf 0.19 ("llama.attention.head_count"). Of the tensors it looks at shapes, at
/// which are there (an own output matrix, biases), and at the factors of rotary frequencies, whose bytes it asks for. Refused by
/// name: other architectures, mixtures of experts, adapters, keys that are missing or would change the numbers. `where` begins
/// every error sentence.
Result<std::string> ggufConfig(const GgufTable& table, const GgufBytes& bytes, std::string_view where);

/// The ids that end an answer.
std::vector<std::int32_t> ggufEndTokens(const GgufTable& table);

/// "Q4_K, Q6_K, F32": the kinds that its tensors are stored as, those with the most bytes first.
std::string ggufKinds(const GgufTable& table);

} // namespace winnow
