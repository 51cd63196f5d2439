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
    int count() const { return static_cast<int>(m_places.size()); }
    int current() const { return m_current; }
    QString name(int place) const; ///< "needle.txt · demo"
    /// False while something is recorded, replayed or run: it belongs to what is shown.
    bool goTo(int place);
    bool next(int direction) { return goTo((m_current + direction + count()) % count()); }
    /// Shows a neighbor in place of what is shown; false where there is none.
    bool closeCurrent();
    /// What goes with the window, of those that are not shown; nothing where all lie in lasting files.
    std::optional<AtStake> atStake() const;

signals:
    void changed();

private:
    void keepCurrent();

    Workspace* m_workspace;
    std::vector<OpenPlace> m_places{1}; ///< that of the current one is stale
    int m_current = 0;
    bool m_beside = false;
};

} // namespace winnow::app
