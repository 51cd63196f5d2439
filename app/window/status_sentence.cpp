// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/status_sentence.h"

#include "views/chrome/hover_card.h"
#include "views/plot/over_words.h"
#include "views/state/lane_choice.h"

#include <QCoreApplication>
#include <QFile>

#include <unistd.h>

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

QString memoryWords()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const double bytes = file.readAll().split(' ').value(1).toDouble() * static_cast<double>(sysconf(_SC_PAGESIZE));
    return bytes < 1e9 ? QObject::tr("CPU %1 MB").arg(bytes / 1e6, 0, 'f', 0)
                       : QObject::tr("CPU %1 GB").arg(bytes / 1e9, 0, 'f', 1);
}

} // namespace winnow::app
