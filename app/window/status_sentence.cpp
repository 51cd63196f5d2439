// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/status_sentence.h"

#include "views/chrome/hover_card.h"
#include "views/plot/over_words.h"
#include "views/state/lane_choice.h"

#include <QCoreApplication>

namespace winnow::app {

using namespace views;

QString statusSentence(const ViewData& data, const SelectionState& state)
{
    if (!state.token || !data.replay)
        return {};
    QString sentence =
        QCoreApplication::translate("MainWindow", "token %1 “%2”").arg(grouped(*state.token), tokenLabel(data, *state.token, 16));
    const std::vector<CardLine> lines = cardLines(data, state, *state.token, state.step);
    for (const CardLine& line : lines)
        if (line.policy == state.focus || line.policy == state.reference)
            sentence += QStringLiteral(" · %1: %2").arg(line.name, line.fate);
    for (const CardLine& line : lines)
        if (line.policy == state.focus && line.against)
            sentence +=
                QStringLiteral(" · %1, %2")
                    .arg(differenceWords(line, policyTitle(*data.replay->policies[static_cast<std::size_t>(state.reference)])),
                         laneWords(data, state));
    return sentence;
}

} // namespace winnow::app
