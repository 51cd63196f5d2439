// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/tune_work.h"

#include "core/replay/replay.h"

#include <algorithm>

namespace winnow::app {

Result<PolicySpec> startOf(const TuneWish& wish)
{
    if (wish.budget.empty() || wish.start.value("budget").empty())
        return wish.start;
    return wish.start.with("budget", wish.budget);
}

std::vector<TuneAxis> tunable(const PolicySpec& start, int tokens)
{
    std::vector<TuneAxis> axes;
    if (const PolicyInfo* info = findPolicy(start.name))
        for (const ParameterSpec& parameter : info->parameters)
            if (auto axis = tuneAxis(start, parameter.id, start.budget().slotCount(tokens)))
                axes.push_back(std::move(*axis));
    return axes;
}

Result<std::shared_ptr<const Tuning>> tuneOpen(const TuneWish& wish, const JobContext& job)
{
    if (wish.over.empty())
        return fail(ErrorCode::Usage, "no parameter is chosen; choose one or more to vary");
    if (wish.metric->ofModel || wish.metric->whole)
        return fail(ErrorCode::Usage, "a replay does not give {}; choose mass, error or regret", wish.metric->name);
    WINNOW_TRY(const PolicySpec start, startOf(wish));
    TuneOptions options{.start = start, .metric = wish.metric, .prompt = wish.prompt};
    for (const auto& trace : wish.traces)
        options.tokens.push_back(trace->tokenCount());
    options.heldOut = wish.traces.size() - 1;
    options.most = wish.most;
    const int slotCount = start.budget().slotCount(*std::ranges::min_element(options.tokens));
    for (const std::string& typed : wish.over) {
        WINNOW_TRY(TuneAxis axis, tuneAxis(start, typed, slotCount));
        options.axes.push_back(std::move(axis));
    }
    options.judge = [&](std::size_t text, std::span<const PolicySpec> specs, const JobContext& part) {
        return replay(*wish.traces[text], specs, {.prompt = wish.prompt, .oracle = wish.metric == &Metric::Regret}, part);
    };
    WINNOW_TRY(Tuning tuning, tune(options, job));
    return std::make_shared<const Tuning>(std::move(tuning));
}

} // namespace winnow::app
