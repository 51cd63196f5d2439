// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/state/lane_choice.h"

#include <algorithm>

namespace winnow::views {

int kvHeadCount(const ViewData& data)
{
    if (data.info && !data.info->layerInfo.empty())
        return data.info->layerInfo.front().keyHeads;
    int fewest = 0;
    if (data.replay)
        for (const auto& policy : data.replay->policies)
            fewest = fewest == 0 ? policy->lanes : std::min(fewest, policy->lanes);
    return fewest;
}

std::vector<int> layerWindows(const ViewData& data)
{
    std::vector<int> windows;
    if (data.info && data.replay)
        for (const Layer layer : data.replay->layers) {
            const auto at = std::find(data.info->layers.begin(), data.info->layers.end(), layer);
            const auto index = static_cast<std::size_t>(at - data.info->layers.begin());
            windows.push_back(index < data.info->layerInfo.size() ? data.info->layerInfo[index].window : 0);
        }
    return windows;
}

LaneChoice lanesOf(const ViewData& data, const SelectionState& state, int policy)
{
    if (!data.replay || policy < 0 || policy >= static_cast<int>(data.replay->policies.size()))
        return {};
    return chooseLanes(*data.replay->policies[static_cast<std::size_t>(policy)], state.lanes, kvHeadCount(data),
                       layerWindows(data));
}

LanePairs pairsOf(const ViewData& data, const SelectionState& state, int policy, int reference)
{
    const int policies = data.replay ? static_cast<int>(data.replay->policies.size()) : 0;
    if (policy < 0 || reference < 0 || policy >= policies || reference >= policies)
        return {};
    return pairLanes(*data.replay->policies[static_cast<std::size_t>(policy)],
                     *data.replay->policies[static_cast<std::size_t>(reference)], state.lanes, kvHeadCount(data),
                     layerWindows(data));
}

std::vector<Lane> lanesThere(const ViewData& data, const std::vector<Lane>& lanes)
{
    const int layers = static_cast<int>(data.replay ? data.replay->layers.size() : data.info ? data.info->layers.size() : 0);
    std::vector<Lane> there = lanes;
    if (layers > 0)
        std::erase_if(there, [&](Lane lane) {
            return lane.layer < 0 || lane.layer >= layers || lane.head < 0 || lane.head >= kvHeadCount(data);
        });
    return there;
}

std::vector<int> visiblePolicies(const ViewData& data, const Selection& selection)
{
    std::vector<int> visible;
    if (data.replay)
        for (int policy = 0; policy < static_cast<int>(data.replay->policies.size()); ++policy)
            if (selection.isVisible(policy))
                visible.push_back(policy);
    return visible;
}

StepSpan meanSteps(const ViewData& data, const Selection& selection)
{
    std::vector<std::shared_ptr<const PolicyReplay>> visible;
    for (const int policy : visiblePolicies(data, selection))
        visible.push_back(data.replay->policies[static_cast<std::size_t>(policy)]);
    std::optional<StepSpan> chosen;
    if (const auto& range = selection.state().stepRange)
        chosen = StepSpan{range->begin, range->end};
    return winnow::meanSteps(visible, data.replay ? data.replay->prompt : 0, chosen);
}

QString policyTitle(const PolicyReplay& policy)
{
    const PolicyInfo* info = findPolicy(policy.spec.name);
    const std::string_view title = info ? info->title : std::string_view(policy.spec.name);
    const QString name = QString::fromUtf8(title);
    return policy.isRun() ? QObject::tr("%1, run").arg(name) : name;
}

QString tokenLabel(std::string_view bytes, int token, int most)
{
    QString text = QString::fromUtf8(bytes);
    if (text.isEmpty())
        return QStringLiteral("#%1").arg(token);
    text.replace(QLatin1Char('\n'), QChar(0x21B5));
    text.replace(QLatin1Char('\t'), QChar(0x2192));
    const QString bare = text.trimmed();
    text = bare.isEmpty() ? QString(text.size(), QChar(0x00B7)) : bare;
    return text.size() > most ? text.left(most - 1) + QChar(0x2026) : text;
}

QString tokenLabel(const ViewData& data, int token, int most)
{
    const bool known = data.info && token >= 0 && token < static_cast<int>(data.info->offsets.size());
    return tokenLabel(known ? tokenText(*data.info, Position{token}) : std::string_view(), token, most);
}

} // namespace winnow::views
