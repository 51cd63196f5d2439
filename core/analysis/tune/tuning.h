// SPDX-License-Identifier: GPL-3.0-or-later
// Searches the parameters of a policy: which values does a metric prefer, and is that more than chance on texts that were not
// searched? Free of Torch and Qt; whoever calls it replays or runs the policies.
#pragma once

#include "core/analysis/means.h"
#include "core/analysis/tables.h"
#include "core/analysis/tune/tune_axis.h"
#include "core/base/bootstrap.h"
#include "core/base/job_context.h"

#include <functional>

namespace winnow {

struct TuneOptions {
    PolicySpec start; ///< the policy before it is tuned: the values that a gain is told against
    std::vector<TuneAxis> axes;
    const Metric* metric = &Metric::Error;
    std::vector<int> tokens;   ///< of each text, in order
    std::size_t heldOut = 0;   ///< the last so many texts are not searched; fewer than there are
    int prompt = 0;            ///< as in a replay
    std::size_t most = 400;    ///< settings that are tried at most, from 1
    std::size_t together = 16; ///< settings that are judged in one call, from 1
    /// A replay or a run of `specs` over text number `text`. Called on the thread of tune().
    std::function<Result<std::shared_ptr<const ReplayResult>>(std::size_t text, std::span<const PolicySpec> specs,
                                                              const JobContext& job)>
        judge;
};

/// The policy with one value for every axis.
struct TuneSetting {
    std::vector<std::size_t> at; ///< index into the values of each axis
    PolicySpec spec;
    double value = 0;  ///< of the metric, mean over lanes, steps and the searched texts, each text counting alike
    double stored = 0; ///< slots per lane, likewise
};

/// How much better the best setting is than the start over some texts; positive is better, whichever way the metric goes.
struct TuneGain {
    double start = 0, best = 0, gain = 0; ///< means over all steps of these texts
    std::optional<Interval> interval;     ///< of the gain, 95 %, over blocks of kTuneBlock steps
    std::size_t texts = 0, steps = 0;
};

inline constexpr std::size_t kTuneBlock = 64;

struct Tuning {
    const Metric* metric = &Metric::Error;
    std::vector<TuneAxis> axes;
    std::vector<TuneSetting> settings; ///< in the order in which they were tried; the first one is the start
    std::size_t best = 0;              ///< index into `settings`
    std::size_t combinations = 0;      ///< of all values; a billion stands for any more
    std::size_t refused = 0;           ///< settings that the policy does not allow, for example sinks + recent > budget
    bool everything = false;           ///< all combinations were tried; else one parameter after the other, in turn
    bool settled = true;               ///< false where `most` ended the search
    TuneGain searched;
    std::optional<TuneGain> heldOut; ///< nothing where no text was held out

    /// The settings that differ from the best one in this axis alone, and the best one, in the order of its values.
    std::vector<std::size_t> curve(std::size_t axis) const;
};

/// Tries all combinations where `most` allows them. Otherwise it changes one parameter after the other to its best value, until
/// a whole turn changes nothing. Of equal settings the one that was tried first is best. Means run over the steps behind the
/// prompt and the budget. Cost: a replay or run of every setting over every searched text, and of two over the others.
/// Errors: the judge's, a text without such a step, a start that its texts do not allow, a metric that the judge does not give.
Result<Tuning> tune(const TuneOptions& options, const JobContext& job);

/// A row for every setting: the values, the metric, the slots; the gains as facts.
Tables tuningTables(const Tuning& tuning);

} // namespace winnow
