// SPDX-License-Identifier: GPL-3.0-or-later
// Drift: how far a run (closed loop) goes from the replay (open loop) of the same policy, since errors of the layers below change
// what the layers above see and choose. Plain numbers, any thread.
#pragma once

#include "core/replay/replay_result.h"

#include <string>
#include <vector>

namespace winnow {

struct PolicyDrift {
    /// Of one layer, or of all.
    struct Part {
        double differing = 0; ///< share of lifetimes that differ, of all lanes and tokens
        double mass = 0;      ///< the run's mass minus the replay's, mean over lanes and the steps behind the prompt
        double error = 0;     ///< of the attention's output, likewise; the run's holds the drift of its queries too
    };
    std::string spec;
    Part all;
    std::vector<Part> layers; ///< as ReplayResult::layers
};

/// Of every policy that both hold with the same parameters; tokens, layers and prompt must be the same. Mass and error are NaN
/// where one side has none. Cost: two passes over [layers, lanes, T].
std::vector<PolicyDrift> driftBetween(const ReplayResult& run, const ReplayResult& replay);

} // namespace winnow
