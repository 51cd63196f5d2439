// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes of the focused policy as rows: when the token left, its score and rank, the token that stayed in its place, and the
// attention that it would still have received. Sorted by a click on a column. GUI thread.
#pragma once

#include "core/analysis/autopsy.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QTableWidget>

namespace winnow::views {

class FateTable : public QTableWidget {
    Q_OBJECT
public:
    explicit FateTable(QWidget* parent = nullptr);

    /// `line`: of the autopsy. `asking`: verdicts are still being computed. Keeps the order that was chosen.
    void show(const Autopsy& autopsy, const Autopsy::Line& line, const ViewData& data, bool asking);
    void clearRows();
    void setTheme(const Theme& theme);

signals:
    void laneChosen(int layer, int lane);           ///< replayed layer, lane of the policy
    void stepChosen(int layer, int lane, int step); ///< double-click: where the token left

private:
    void fitColumns();

    QColor m_lost;
    std::vector<LaneFate> m_fates; ///< as given; every row's first item knows its number
};

} // namespace winnow::views
