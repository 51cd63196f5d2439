// SPDX-License-Identifier: GPL-3.0-or-later
// How much of the host's memory a model takes to run, told before it is loaded. Free of Torch.
#pragma once

#include "core/base/available_memory.h"
#include "core/base/dtype.h"
#include "core/base/result.h"
#include "core/model/config/model_config.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace winnow {

/// Default number of tokens that run together in one forward pass.
inline constexpr int kUsualChunk = 256;

/// In bytes.
struct MemoryNeed {
    std::uint64_t weights = 0; ///< in the type the model runs in; without those that stay in their file
    /// Weights that stay in their file, since they are stored in the type the model runs in: the system may drop and reread them.
    std::uint64_t mapped = 0;
    std::uint64_t cache = 0; ///< keys and values of all tokens
    std::uint64_t work = 0;  ///< most that the activations of a chunk need in addition

    std::uint64_t total() const { return weights + cache + work; }
};

/// On the CPU, to within a tenth. `chunk`: tokens of the text that run together. `streamed`: one layer at a time is in memory.
MemoryNeed memoryNeed(const ModelConfig& config, int tokens, Dtype dtype, int chunk = kUsualChunk, bool streamed = false);

/// OutOfMemory with the numbers, and what to do, where `need` is more than `available`.
Result<void> checkMemory(const MemoryNeed& need, std::optional<std::uint64_t> available);

/// Whether the layers must be read from disk one by one, for want of memory. OutOfMemory where that does not help either.
Result<bool> mustStream(const ModelConfig& config, int tokens, Dtype dtype, int chunk, std::optional<std::uint64_t> available);

/// The warning for the user where mustStream() is true.
inline constexpr const char* kStreamedWarning =
    "memory is too small for the model's layers: they are read from disk one by one for every part of the text, which is slow";

/// "1.3 GB of memory, 1.1 GB of them weights".
std::string memoryText(const MemoryNeed& need);

} // namespace winnow
