// SPDX-License-Identifier: GPL-3.0-or-later
// Says on which device each policy of a replay ran, and why one ran on the CPU beside a GPU. Free of Torch.
#pragma once

#include "core/replay/replay_result.h"

#include <string>

namespace winnow {

struct RanOn {
    std::string device; ///< "CPU", "NVIDIA H200", several as "NVIDIA H200 (cuda:0), NVIDIA H200 (cuda:1)", or "NVIDIA H200, then
                        ///< CPU" where the GPU failed on the way
    std::string why;    ///< why not on the GPU alone: "it selects pages to read"; "" = it ran there, or no GPU was used
};

/// `policy`: one of `result`, replayed. Read from the manifest of `result` and from the policy's recipe.
RanOn ranOn(const ReplayResult& result, const PolicyReplay& policy);

/// "ran on NVIDIA H200: h2o, tova; on CPU: quest (it selects pages to read)" for the replayed policies, and what is to be told of
/// the GPUs; "" where all ran on the CPU and no GPU failed.
std::string ranOnText(const ReplayResult& result);

} // namespace winnow
