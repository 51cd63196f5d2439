// SPDX-License-Identifier: GPL-3.0-or-later
// Several recordings that are open at once, one of them shown. They share the policies: going to one replays what it lacks of
// them, and brings back what it has. Knows no widget. GUI thread.
#pragma once

#include "app/work/workspace.h"

#include <QObject>
#include <QString>

#include <vector>

namespace winnow::app {

class OpenPlaces : public QObject {
    Q_OBJECT
public:
    /// `workspace` outlives this object.
    explicit OpenPlaces(Workspace* workspace);

    /// What is opened next stands beside what is shown now, if that is finished. Where nothing comes of it, all stays.
    void openBeside() { m_beside = true; }
    /// Puts what is shown into a tab of its own and empties the workspace for what is recorded or opened next. A recording that
    /// is not finished is thrown away. Where nothing comes of the next one, the tab is shown again.
    void makeRoom();
    /// The same, if what is shown is finished and lies in no lasting file.
    void keepUnsaved();
    int count() const { return static_cast<int>(m_places.size()); }
    int current() const { return m_current; }
    QString name(int place) const; ///< "needle.txt · demo"
    QString file(int place) const; ///< the path of its recording; "" where it has none
    /// False while something is recorded, replayed or run: it belongs to what is shown.
    bool goTo(int place);
    bool next(int direction) { return goTo((m_current + direction + count()) % count()); }
    /// Shows a neighbor in place of what is shown; false where there is none.
    bool closeCurrent();
    /// The places that are not shown, those that have a recording. Valid until another is shown, opened or closed.
    std::vector<const OpenPlace*> others() const;
    /// The places, of those that are not shown, whose recordings or runs go with the window: they lie in no lasting file.
    std::vector<int> unsaved() const;
    /// What the first of them loses; nothing where there is none.
    std::optional<AtStake> atStake() const;

    /// A place that is not shown.
    const OpenPlace& at(int place) const { return m_places[static_cast<std::size_t>(place)]; }

signals:
    void changed();
    void leaving();        ///< what is shown is about to become a tab that is not shown
    void going(int place); ///< it is about to be shown in place of what is shown

private:
    void keepCurrent();
    void leaveEmptyRoom();
    const Sources& sourcesOf(int place) const;

    Workspace* m_workspace;
    std::vector<OpenPlace> m_places{1}; ///< that of the current one is stale
    int m_current = 0;
    bool m_beside = false;
    bool m_isRoom = false; ///< the current place was emptied by makeRoom, and nothing has come into it yet
    QString m_named;       ///< as the current place was called last
    int m_before = 0;      ///< the place that was shown before the room was made
};

} // namespace winnow::app
