// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/place_tabs.h"

#include <QFileInfo>

namespace winnow::app {

PlaceTabs::PlaceTabs(OpenPlaces* places) : m_places(places)
{
    setAccessibleName(tr("Open recordings"));
    setDocumentMode(true);
    setDrawBase(false);
    setExpanding(false);
    setElideMode(Qt::ElideMiddle);
    setTabsClosable(true);
    setFocusPolicy(Qt::TabFocus);
    connect(places, &OpenPlaces::changed, this, &PlaceTabs::refresh);
    connect(this, &QTabBar::tabCloseRequested, this, &PlaceTabs::closeWanted);
    connect(this, &QTabBar::currentChanged, this, [this](int place) {
        if (m_filling || place < 0)
            return;
        if (!m_places->goTo(place)) {
            emit refused(tr("Something is being recorded, replayed or run; the tabs wait until it is done or stopped (Ctrl+.)."));
            refresh();
        }
    });
    refresh();
}

void PlaceTabs::refresh()
{
    m_filling = true;
    while (QTabBar::count() > m_places->count())
        removeTab(QTabBar::count() - 1);
    while (QTabBar::count() < m_places->count())
        addTab({});
    QStringList names;
    for (int i = 0; i < m_places->count(); ++i)
        names << m_places->name(i);
    for (int i = 0; i < m_places->count(); ++i) {
        const QString file = m_places->file(i);
        const bool isAlone = names.count(names[i]) == 1 || file.isEmpty();
        const QString name = isAlone ? names[i] : tr("%1 (%2)").arg(names[i], QFileInfo(file).fileName());
        setTabText(i, QString(name).replace(QLatin1Char('&'), QStringLiteral("&&")));
        setTabToolTip(i, file.isEmpty() ? name : tr("%1\n%2").arg(names[i], file));
    }
    setCurrentIndex(m_places->current());
    m_filling = false;
    setVisible(m_places->count() > 1);
}

} // namespace winnow::app
