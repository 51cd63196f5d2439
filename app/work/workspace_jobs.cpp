// SPDX-License-Identifier: GPL-3.0-or-later
// Stopping and going on, and what the window is told of the work. See workspace.h.
#include "app/cli/console.h"
#include "app/work/workspace.h"

#include <algorithm>

namespace winnow::app {

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

} // namespace

// --- stopping and going on

void Workspace::stop()
{
    m_recordJob.cancel();
    m_openJob.cancel();
    m_replayJob.cancel();
}

void Workspace::abandon()
{
    m_recordJob.stop();
    m_openJob.stop();
    m_replayJob.stop();
    m_preview.reset();
    m_tokensDone.reset();
    m_partial.reset();
    m_warnings.reset();
    m_size.reset();
}

void Workspace::resume()
{
    if (isWorking())
        return;
    if (!m_data.trace && m_recordOptions)
        record(*m_recordOptions);
    else
        startReplay();
}

void Workspace::discardUnfinished()
{
    if (isWorking())
        return;
    if (!m_data.trace && m_recordOptions) {
        m_recordOptions.reset();
        m_data = m_dataBefore;
        m_sources = m_sourcesBefore;
        emit dataChanged();
        return;
    }
    std::vector<PolicySpec> kept;
    for (std::size_t i = 0; i < m_specs.size(); ++i)
        if (std::find(m_missing.begin(), m_missing.end(), static_cast<int>(i)) == m_missing.end())
            kept.push_back(m_specs[i]);
    setSpecs(std::move(kept));
}

void Workspace::close()
{
    abandon();
    m_recordOptions.reset();
    m_data = {};
    m_sources = {};
    m_dataBefore = {};
    m_sourcesBefore = {};
    m_askedPrompt.reset();
    m_plan = {};
    m_missing.clear();
    m_states.assign(m_specs.size(), {});
    m_busy = false;
    emit dataChanged();
    emit statesChanged();
    endJob();
}

// --- what is told

void Workspace::begin(const QString& what)
{
    m_jobName = what;
    m_busy = true;
    m_jobTime.start();
    emit jobChanged(what, 0);
}

void Workspace::progress(const QString& what, double fraction)
{
    const double seconds = static_cast<double>(m_jobTime.elapsed()) / 1000;
    const bool canTell = fraction > 0.05 && fraction < 1 && seconds > 0.5;
    const double left = canTell ? seconds * (1 - fraction) / fraction : 0;
    emit jobChanged(canTell ? tr("%1 · %2 left").arg(what, text(cli::readableDuration(left))) : what, fraction);
}

void Workspace::setTag(const QString& tag, double fraction)
{
    for (const int number : m_missing) {
        PolicyState& state = m_states[static_cast<std::size_t>(number)];
        state.fraction = fraction;
        if (!tag.isEmpty())
            state.tag = tag;
    }
    emit statesChanged();
}

void Workspace::endJob()
{
    if (isWorking())
        return;
    emit jobChanged({}, -1);
    if (std::exchange(m_busy, false))
        emit settled();
}

void Workspace::report(const Error& error)
{
    if (error.code != ErrorCode::Cancelled)
        emit failed(text(error.message));
}

} // namespace winnow::app
