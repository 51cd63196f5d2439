// SPDX-License-Identifier: GPL-3.0-or-later
// Tunes a policy over open recordings by replays. Runs the engine; any thread, no Qt.
#pragma once

#include "core/analysis/tune/tuning.h"
#include "core/trace/trace.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::app {

struct TuneWish {
    PolicySpec start;                                 ///< the policy as it is
    std::string budget;                               ///< in place of its own: "128", "25%"; "" = its own
    std::vector<std::string> over;                    ///< parameters as `winnow tune --over` takes them: "sinks", "sinks=0-32"
    const Metric* metric = &Metric::Error;            ///< mass, error or regret: what a replay measures
    std::vector<std::shared_ptr<const Trace>> traces; ///< the first one is searched, the others are held out
    int prompt = 0;
    std::size_t most = 100; ///< settings that are tried at most
};

/// The policy that is tuned, with the wished budget. Error: what is no budget.
Result<PolicySpec> startOf(const TuneWish& wish);

/// The parameters of `start` that can be tuned, each with the values that are tried unless others are typed, for a text of
/// `tokens`. Empty where it has none.
std::vector<TuneAxis> tunable(const PolicySpec& start, int tokens);

/// Replays many settings of the policy and finds the best. Errors: as of tuneAxis, tune and replay, and a metric that no replay
/// gives.
Result<std::shared_ptr<const Tuning>> tuneOpen(const TuneWish& wish, const JobContext& job);

} // namespace winnow::app
