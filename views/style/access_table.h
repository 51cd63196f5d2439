// SPDX-License-Identifier: GPL-3.0-or-later
// What a painted view tells screen readers beside its name and the sentence of its cursor: rows of cells, each with a sentence. A
// widget that derives from this has a QAccessibleInterface of the role Table, whose cells are made when they are asked for.
#pragma once

#include <QRect>
#include <QString>

namespace winnow::views {

/// GUI thread. Rows and columns count from 0; the functions are called with those that there are.
class AccessTable {
public:
    AccessTable();
    virtual ~AccessTable() = default;
    AccessTable(const AccessTable&) = delete;
    AccessTable& operator=(const AccessTable&) = delete;

    virtual int accessRows() const = 0;
    virtual int accessColumns() const = 0;
    virtual QString accessRow(int row) const = 0;              ///< what the row is about
    virtual QString accessColumn(int column) const = 0;        ///< what the column says
    virtual QString accessCell(int row, int column) const = 0; ///< a sentence; "" where a row has no such cell
    /// In the widget's coordinates; null where the cell is not in sight.
    virtual QRect accessRect(int row, int column) const = 0;
};

} // namespace winnow::views
