// SPDX-License-Identifier: GPL-3.0-or-later
// What a replay file says before its policies: tokens, layers, manifest, the full cache's log-probabilities. Each function checks
// what it takes; `where` names the file in the sentence. Pure.
#pragma once

#include "core/replay/replay_result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

inline constexpr std::size_t kMostTokens = std::size_t{1} << 24, kMostLayers = 1 << 16; ///< of a replay file

/// A sentence when one of the values lies outside of least to most.
Result<void> checkNumbers(std::span<const std::int32_t> values, std::int32_t least, std::int32_t most, std::string_view key,
                          const std::string& where);

/// Tokens and layers, which give every other array its shape.
Result<void> takeHead(ReplayResult& result, std::vector<std::int32_t> tokens, const std::vector<std::int32_t>& layers,
                      const std::string& where);
/// Takes format, version, prompt and bytes per slot out of result.manifest; tokens and layers are there.
Result<void> applyManifest(ReplayResult& result, const std::string& where);
/// The full cache's log-probabilities, which stand beside the policies.
Result<void> takeLogprob(ReplayResult& result, std::vector<float> values, const std::string& where);

} // namespace winnow
