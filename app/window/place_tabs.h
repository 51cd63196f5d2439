// SPDX-License-Identifier: GPL-3.0-or-later
// Tabs over the maps, one for each recording that is open; not there where there is one. GUI thread.
#pragma once

#include "app/work/open_places.h"

#include <QTabBar>

namespace winnow::app {

class PlaceTabs : public QTabBar {
    Q_OBJECT
public:
    /// `places` outlives this object.
    explicit PlaceTabs(OpenPlaces* places);

signals:
    void refused(const QString& sentence); ///< why another one cannot be shown now
    void closeWanted(int place);

private:
    void refresh();

    OpenPlaces* m_places;
    bool m_filling = false;
};

} // namespace winnow::app
