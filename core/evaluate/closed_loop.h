// SPDX-License-Identifier: GPL-3.0-or-later
// The closed loop: a model reads a text once for every policy, and attends to what the policy keeps. The full cache reads it
// beside them, a token ahead, so that every step of every policy is compared with the full cache's own.
#pragma once

#include "core/base/job_context.h"
#include "core/evaluate/cache_measure.h"
#include "core/model/run/transformer.h"
#include "core/replay/replay_plan.h"

#include <functional>
#include <memory>
#include <span>

namespace winnow {

struct LoopOptions {
    int prompt = 0;          ///< as in a replay: the first tokens are read with full attention
    int chunk = 256;         ///< tokens of the prompt that run together; what follows goes token by token
    bool full = true;        ///< whether the full cache reads the text too; without it there is no mass, error, KL and agreement
    bool mayNotFill = false; ///< accept a budget larger than the text, under which nothing is evicted; else it is an error
    /// Called at most ten times a second, with a copy of the results of the steps so far.
    std::function<void(const ReplayResult& soFar)> advanced{};
    /// Called once, in the end: what the caches took, by policy. The manifest of the result says it, too.
    std::function<void(std::span<const CacheMeasure>)> measured{};
};

/// Tokens, layers and config as a recording of `tokens` would have them, of a model that is not loaded.
TraceInfo runInfo(const ModelConfig& config, std::vector<std::int32_t> tokens);

/// What can be known before the model is loaded. Errors, one sentence each: a prompt longer than the text, checkSpec's, a policy
/// that needs what only a recording has.
Result<ReplayPlan> planRun(const TraceInfo& info, std::span<const PolicySpec> specs, const LoopOptions& options);

/// `info`: runInfo's, with whatever the manifest is to say. The result is that of a replay of all layers, with PolicyReplay::run,
/// and says "loop: closed". The prompt is read layer by layer, and every layer evicts at its end. Memory: the full cache, every
/// policy's cache and, while a prompt is read, one layer of it whole; the results; where a policy chooses at the prompt's end,
/// also one layer's rows, and the scores. Runs on the calling thread.
Result<std::shared_ptr<const ReplayResult>> runPolicies(const Transformer& model, const TraceInfo& info,
                                                        std::span<const PolicySpec> specs, const LoopOptions& options,
                                                        const JobContext& job);

} // namespace winnow
