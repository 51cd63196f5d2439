// SPDX-License-Identifier: GPL-3.0-or-later
// What a policy's cache took in a run: bytes, counted where its arrays are allocated, and time. Free of Torch.
#pragma once

#include "core/replay/replay_result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Of one policy. "Behind the prompt": from the end of the prompt's last step on.
struct CacheMeasure {
    std::uint64_t logical = 0;    ///< bytes of the stored slots after a step, at most behind the prompt
    std::uint64_t physical = 0;   ///< of the arrays that hold them, likewise
    std::uint64_t peak = 0;       ///< of the arrays during a step behind the prompt, at most
    std::uint64_t promptPeak = 0; ///< the same while the prompt was read; 0 without one
    double milliseconds = 0;      ///< a step behind the prompt, on average
    double deciding = 0;          ///< of these, what the policy took: it looked, chose and moved
    int steps = 0;                ///< behind the prompt

    /// The policy's part of a step, 0 to 1.
    double share() const { return milliseconds > 0 ? deciding / milliseconds : 0; }
};

/// The largest logical bytes of a policy of `result` behind its prompt.
std::uint64_t mostLogical(const ReplayResult& result, const PolicyReplay& policy);

/// Writes the measures of all policies, in their order and by commas, as logical_bytes, physical_bytes, peak_bytes,
/// prompt_peak_bytes and policy_time_share.
void noteMeasures(std::span<const CacheMeasure> measures, std::map<std::string, std::string>& manifest);

} // namespace winnow
