// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/over_words.h"

#include "views/state/lane_choice.h"
#include "views/style/theme.h"

#include <QCoreApplication>

namespace winnow::views {

QString laneWords(const ViewData& data, const SelectionState& state)
{
    const int layers = static_cast<int>(data.replay ? data.replay->layers.size() : data.info ? data.info->layers.size() : 0);
    const int all = layers * kvHeadCount(data);
    if (state.lanes.empty())
        return all == 1 ? QCoreApplication::translate("Lanes", "the one lane")
                        : QCoreApplication::translate("Lanes", "all %1 lanes").arg(grouped(all));
    if (state.lanes.size() > 1)
        return QCoreApplication::translate("Lanes", "%1 of %2 lanes")
            .arg(grouped(static_cast<qint64>(state.lanes.size())), grouped(all));
    const Lane& lane = state.lanes.front();
    const auto layer = static_cast<std::size_t>(lane.layer);
    const bool known = data.replay && layer < data.replay->layers.size();
    return QCoreApplication::translate("Lanes", "layer %1, head %2")
        .arg(known ? raw(data.replay->layers[layer]) : lane.layer)
        .arg(lane.head);
}

QString stepWords(int step) { return QCoreApplication::translate("Lanes", "step %1").arg(grouped(step)); }

QString stepWords(const Range& steps)
{
    return steps.size() == 1
               ? stepWords(steps.begin)
               : QCoreApplication::translate("Lanes", "steps %1\u2013%2").arg(grouped(steps.begin), grouped(steps.end - 1));
}

} // namespace winnow::views
