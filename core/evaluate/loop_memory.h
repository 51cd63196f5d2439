// SPDX-License-Identifier: GPL-3.0-or-later
// The host's memory that a closed loop takes, told before the model is loaded.
#pragma once

#include "core/evaluate/run.h"
#include "core/model/session/loaded_model.h"
#include "core/replay/replay_plan.h"

#include <cstdint>
#include <optional>

namespace winnow {

struct LoopToPlan {
    const TraceInfo& info; ///< of the longest text that is read from an empty cache
    const ReplayPlan& policies;
    Dtype dtype = Dtype::Float32;
    int chunk = 256;
    bool together = true;                     ///< all policies' caches are there at once; else one after the other
    bool needsFull = false;                   ///< the full cache must run, too
    int copies = 1;                           ///< of the results
    std::optional<std::uint64_t> available{}; ///< bytes; unset: asked of the system
};

/// Bytes beside the model and the full cache.
struct LoopMemory {
    std::uint64_t caches = 0;  ///< keys and values under the policies, at most
    std::uint64_t results = 0; ///< lifetimes and metrics
    std::uint64_t prompt = 0;  ///< while it is read: hidden states, one layer whole, and what the choices at its end look at

    std::uint64_t total() const { return caches + results + prompt; }
};
LoopMemory loopMemory(const LoopToPlan& loop, int hidden);

/// Chooses how the layers of `model` come to memory. Where memory does not hold the full cache that `plan` asks for, and all the
/// rest, takes it out of the plan with a warning, unless it must run. Fills RunPlan::memory. Returns the bytes that are left;
/// unset where that is not known, as on a GPU. OutOfMemory, in a sentence with the numbers, where memory does not suffice.
Result<std::optional<std::uint64_t>> planLoopMemory(const LoopToPlan& loop, LoadedModel& model, RunPlan& plan);

} // namespace winnow
