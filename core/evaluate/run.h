// SPDX-License-Identifier: GPL-3.0-or-later
// A run: model folder + text + policies → what each policy keeps in the model's own cache, and what that costs. Free of Torch, so
// that the window may call it.
#pragma once

#include "core/evaluate/cache_measure.h"
#include "core/model/session/record.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace winnow {

struct RunOptions {
    RecordOptions text; ///< model, text, dtype, device and chunk, as for a recording; its out and layers are not looked at
    std::vector<PolicySpec> policies;
    int prompt = 0; ///< the first tokens are read with full attention, as in a replay
    /// After the text, so many tokens more, at most, that the model generates under its full cache (continued); without a prompt
    /// the text is the prompt. Not with `given`.
    int generate = 0;
    bool full = true; ///< also the full cache, which the policies are compared with
    /// Tokens that are there already: they run as they are, and no text is read again.
    std::optional<TokenizedText> given{};
    std::string modelHash{}; ///< of the model that `given` was recorded from; another model is refused. "" = any
    std::vector<Layer>
        standsBy{}; ///< layers of the replay that the result is shown beside; a model with other layers is refused. Empty = any
};

/// What runs the tokens of a recording as they are: tokens, names, number type and model hash. Model, policies and prompt are
/// the caller's.
RunOptions runOf(const TraceInfo& recording);

/// Whether the tokens of a recording can be run under the policy, checked before the model is searched for. Errors say why not.
Result<void> checkRun(const TraceInfo& recording, const PolicySpec& spec, int prompt);

/// What a run will need, told before the model is loaded.
struct RunPlan {
    int tokens = 0;
    bool full = true;                  ///< whether the full cache runs too; memory may not hold it
    std::string memory;                ///< "310.2 MB of memory, 48.0 MB of them keys and values of 4 caches"
    std::vector<std::string> warnings; ///< e.g. the text is longer than the model's positions
};

struct RunHooks {
    std::function<void(const RunPlan&)> planned; ///< once, before the model is loaded
    std::optional<std::uint64_t> memory{};       ///< available bytes, for tests; unset: asked of the system
    /// As LoopOptions has them.
    std::function<void(const ReplayResult& soFar)> advanced{};
    std::function<void(std::span<const CacheMeasure>)> measured{};
};

/// As runPolicies (core/evaluate/closed_loop.h), with the model loaded once and a manifest that says all. Errors, before the
/// model is loaded: planRun's, an empty text, a tokenizer that does not belong to the model, memory that does not suffice. Runs
/// on the calling thread.
Result<std::shared_ptr<const ReplayResult>> runText(const RunOptions& options, const RunHooks& hooks, const JobContext& job);

} // namespace winnow
