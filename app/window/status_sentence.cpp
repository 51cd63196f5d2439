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

QString keepQuestion(const AtStake& stake, int others)
{
    const QString size =
        stake.bytes > 0 ? QObject::tr(" (%1 MB)").arg(static_cast<double>(stake.bytes) / 1e6, 0, 'f', 1) : QString();
    const QString question =
        stake.running ? QObject::tr("“%1” is being recorded%2. Stop, and throw the recording away?").arg(stake.name, size)
        : stake.runs  ? QObject::tr("The runs over “%1” are not saved. Keep them with the session?").arg(stake.name)
                      : QObject::tr("The recording of “%1”%2 is not saved. Keep it?").arg(stake.name, size);
    return others == 0 ? question
                       : QObject::tr("%1 %2 in other tabs %3 not saved either: to discard is to lose all.")
                             .arg(question, others == 1 ? QObject::tr("One") : QString::number(others),
                                  others == 1 ? QObject::tr("is") : QObject::tr("are"));
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
