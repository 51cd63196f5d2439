// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tune/tuning_words.h"

#include "core/base/grouped.h"

#include <fmt/format.h>

namespace winnow {

std::string searchWords(const Tuning& tuning)
{
    return fmt::format("{} settings tried of {}{}{}", tuning.settings.size(), grouped(tuning.combinations),
                       tuning.refused > 0 ? fmt::format(", {} the policy does not allow", tuning.refused) : "",
                       tuning.everything ? ""
                       : tuning.settled  ? "; one parameter after the other, until none got better"
                                         : "; the limit of settings ended the search before it had settled");
}

std::string gainWords(const TuneGain& gain, const Metric& metric)
{
    return fmt::format("{} {:.4f} -> {:.4f}, better by {:.4f}{} ({} {}, {} steps)", metric.name, gain.start, gain.best, gain.gain,
                       gain.interval ? fmt::format(" [{:.4f}, {:.4f}]", gain.interval->low, gain.interval->high) : "", gain.texts,
                       gain.texts == 1 ? "text" : "texts", grouped(static_cast<std::int64_t>(gain.steps)));
}

std::vector<std::string> tuningRemarks(const Tuning& tuning)
{
    const TuneSetting &start = tuning.settings.front(), &best = tuning.settings[tuning.best];
    std::vector<std::string> remarks;
    if (tuning.best == 0)
        remarks.emplace_back("the start is the best setting: keep it");
    else if (!tuning.heldOut)
        remarks.emplace_back("no text was held out, so the gain is that of the texts that were searched, which flatters it; "
                             "with a second recording one is held out");
    else if (!tuning.heldOut->interval)
        remarks.emplace_back("too few steps are held out to say how sure the gain is");
    else if (tuning.heldOut->interval->low <= 0)
        remarks.emplace_back("on the text that was held out the gain may be chance: its interval holds zero or less");
    if (best.stored > 1.01 * start.stored)
        remarks.push_back(
            fmt::format("the best setting stores {:.1f} slots a lane on average, the start {:.1f}: part of the gain "
                        "is memory",
                        best.stored, start.stored));
    return remarks;
}

} // namespace winnow
