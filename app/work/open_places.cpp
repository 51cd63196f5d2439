// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/open_places.h"

#include <algorithm>
#include <utility>

namespace winnow::app {

OpenPlaces::OpenPlaces(Workspace* workspace) : QObject(workspace), m_workspace(workspace)
{
    connect(workspace, &Workspace::taking, this, &OpenPlaces::keepCurrent);
    connect(workspace, &Workspace::failed, this, [this] { m_beside = false; });
    // Queued, for between two recordings all is empty, too.
    connect(workspace, &Workspace::dataChanged, this, &OpenPlaces::leaveEmptyRoom, Qt::QueuedConnection);
    connect(workspace, &Workspace::failed, this, &OpenPlaces::leaveEmptyRoom, Qt::QueuedConnection);
    connect(workspace, &Workspace::settled, this, &OpenPlaces::leaveEmptyRoom, Qt::QueuedConnection);
    connect(workspace, &Workspace::settled, this, &OpenPlaces::changed);
    connect(workspace, &Workspace::dataChanged, this, [this] {
        if (std::exchange(m_named, name(m_current)) != name(m_current)) // known since a recording began, long before it settles
            emit changed();
    });
}

/// Where the workspace is empty: all was closed, or nothing came into the room that was made.
void OpenPlaces::leaveEmptyRoom()
{
    if (!m_workspace->isEmpty()) {
        m_isRoom = m_isRoom && (m_workspace->isWorking() || m_workspace->isPaused());
        return;
    }
    const bool isRoom = std::exchange(m_isRoom, false);
    if (count() == 1)
        return;
    if (isRoom) {
        m_places.erase(m_places.begin() + m_current);
        m_current = std::min(m_before, count() - 1);
        emit going(m_current);
        m_workspace->show(std::exchange(m_places[static_cast<std::size_t>(m_current)], {}));
    } else {
        m_places.assign(1, {});
        m_current = 0;
    }
    emit changed();
}

void OpenPlaces::makeRoom()
{
    m_beside = false;
    if (m_workspace->isEmpty())
        return;
    if (!m_workspace->isRecording() && !m_workspace->isPaused()) {
        emit leaving();
        m_places[static_cast<std::size_t>(m_current)] = m_workspace->place();
        m_before = std::exchange(m_current, count());
        m_places.emplace_back();
    } else if (count() > 1) { // of a recording that is thrown away
        m_before = m_current > 0 ? m_current - 1 : 0;
    }
    m_isRoom = true;
    m_workspace->close();
    emit changed();
}

void OpenPlaces::keepCurrent()
{
    if (!std::exchange(m_beside, false) || m_workspace->isEmpty() || m_workspace->isPaused())
        return;
    m_places[static_cast<std::size_t>(m_current)] = m_workspace->place();
    m_current = count();
    m_places.emplace_back();
    emit changed();
}

void OpenPlaces::keepUnsaved()
{
    if (const auto stake = m_workspace->atStake(); stake && !stake->running)
        makeRoom();
}

const Sources& OpenPlaces::sourcesOf(int place) const { return place == m_current ? m_workspace->sources() : at(place).sources; }

QString OpenPlaces::file(int place) const { return QString::fromStdString(sourcesOf(place).trace.string()); }

QString OpenPlaces::name(int place) const
{
    const Sources& sources = sourcesOf(place);
    if (sources.textName.isEmpty())
        return QString::fromStdString((sources.trace.empty() ? sources.replay : sources.trace).filename().string());
    return QStringLiteral("%1 · %2").arg(sources.textName, sources.modelName);
}

bool OpenPlaces::goTo(int place)
{
    if (place == m_current || place < 0 || place >= count())
        return true;
    if (m_workspace->isWorking() || m_workspace->isPaused())
        return false;
    emit going(place);
    emit leaving();
    m_places[static_cast<std::size_t>(m_current)] = m_workspace->place();
    m_current = place;
    m_workspace->show(std::exchange(m_places[static_cast<std::size_t>(place)], {}));
    emit changed();
    return true;
}

bool OpenPlaces::closeCurrent()
{
    const int closed = m_current;
    if (count() < 2 || !goTo(closed > 0 ? closed - 1 : 1))
        return false;
    m_places.erase(m_places.begin() + closed);
    m_current -= m_current > closed ? 1 : 0;
    emit changed();
    return true;
}

std::vector<const OpenPlace*> OpenPlaces::others() const
{
    std::vector<const OpenPlace*> places;
    for (int i = 0; i < count(); ++i)
        if (i != m_current && at(i).data.trace)
            places.push_back(&at(i));
    return places;
}

std::vector<int> OpenPlaces::unsaved() const
{
    std::vector<int> places;
    for (int i = 0; i < count(); ++i) {
        const OpenPlace& one = at(i);
        const bool runs = !one.runs.runs.empty() && one.runs.file.empty();
        if (i != m_current && !one.isDemo && (runs || m_workspace->isTemporary(one.sources.trace)))
            places.push_back(i);
    }
    return places;
}

std::optional<AtStake> OpenPlaces::atStake() const
{
    const std::vector<int> places = unsaved();
    if (places.empty())
        return std::nullopt;
    const Sources& sources = at(places.front()).sources;
    if (!m_workspace->isTemporary(sources.trace))
        return AtStake{.name = sources.textName, .runs = true};
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(sources.trace, error);
    return AtStake{.name = sources.textName, .bytes = error ? 0 : bytes};
}

} // namespace winnow::app
