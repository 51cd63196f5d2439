// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/open_places.h"

#include <algorithm>

namespace winnow::app {

OpenPlaces::OpenPlaces(Workspace* workspace) : QObject(workspace), m_workspace(workspace)
{
    connect(workspace, &Workspace::taking, this, &OpenPlaces::keepCurrent);
    connect(workspace, &Workspace::failed, this, [this] { m_beside = false; });
    const auto forget = [this] {
        if (!m_workspace->isEmpty() || m_places.size() == 1)
            return;
        m_places.assign(1, {}); // all was closed
        m_current = 0;
        emit changed();
    };
    connect(workspace, &Workspace::dataChanged, this, forget, Qt::QueuedConnection); // between two recordings all is empty, too
    connect(workspace, &Workspace::settled, this, &OpenPlaces::changed);             // names are known
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

QString OpenPlaces::name(int place) const
{
    const Sources& sources = place == m_current ? m_workspace->sources() : m_places[static_cast<std::size_t>(place)].sources;
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

std::optional<AtStake> OpenPlaces::atStake() const
{
    for (int i = 0; i < count(); ++i)
        if (const OpenPlace& one = m_places[static_cast<std::size_t>(i)];
            i != m_current && m_workspace->isTemporary(one.sources.trace)) {
            std::error_code error;
            const std::uintmax_t bytes = std::filesystem::file_size(one.sources.trace, error);
            return AtStake{.name = one.sources.textName, .running = false, .bytes = error ? 0 : bytes, .runs = false};
        }
    return std::nullopt;
}

} // namespace winnow::app
