// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/replayed_heads.h"

#include <algorithm>

namespace winnow {

Result<std::vector<int>> replayedLayers(const Trace& trace, const ReplayResult& replay)
{
    if (replay.tokenIds != trace.info().tokens)
        return fail(ErrorCode::BadInput,
                    "the replay is over {} tokens and '{}' holds {}, or they are other tokens; give the recording that was "
                    "replayed",
                    replay.tokenIds.size(), trace.path().string(), trace.tokenCount());
    std::vector<int> numbers(trace.info().layers.size(), -1);
    for (std::size_t i = 0; i < replay.layers.size(); ++i) {
        const auto found = std::find(trace.info().layers.begin(), trace.info().layers.end(), replay.layers[i]);
        if (found == trace.info().layers.end())
            return fail(ErrorCode::BadInput, "layer {} was replayed and is not in '{}'; give the recording that was replayed",
                        raw(replay.layers[i]), trace.path().string());
        numbers[static_cast<std::size_t>(found - trace.info().layers.begin())] = static_cast<int>(i);
    }
    return numbers;
}

Result<void> chooseReplayed(const Trace& trace, const ReplayResult& replay, const std::vector<int>& numbers,
                            const std::vector<int>& policies, ContributionOptions& what)
{
    int reached = trace.tokenCount();
    for (const int policy : policies)
        reached = std::min(reached, replay.policies[static_cast<std::size_t>(policy)]->stepsDone);
    if (what.steps.size() > 1)
        return fail(ErrorCode::Usage, "{} steps were given; what a policy keeps is told at one step", what.steps.size());
    if (what.steps.empty())
        what.steps = {reached - 1};
    if (what.steps.front() >= reached)
        return fail(ErrorCode::Usage, "step {} was not replayed by all policies; choose one of 0 to {}", what.steps.front(),
                    reached - 1);
    const bool all = what.heads.empty();
    for (int index = 0; all && index < trace.layerCount(); ++index)
        for (int head = 0; head < trace.info().layerInfo[static_cast<std::size_t>(index)].queryHeads; ++head)
            if (numbers[static_cast<std::size_t>(index)] >= 0)
                what.heads.push_back({index, head});
    for (const QueryHead& head : what.heads)
        if (head.layerIndex >= 0 && head.layerIndex < trace.layerCount() &&
            numbers[static_cast<std::size_t>(head.layerIndex)] < 0)
            return fail(ErrorCode::Usage, "layer {} was not replayed; choose among the {} layers that were",
                        raw(trace.info().layers[static_cast<std::size_t>(head.layerIndex)]), replay.layers.size());
    return {};
}

} // namespace winnow
