// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/access_table.h"

#include <QAccessibleWidget>

#include <map>

namespace winnow::views {

namespace {

class TableAccess;

class CellAccess : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    CellAccess(TableAccess& table, int row, int column) : m_table(table), m_row(row), m_column(column) {}

    bool isValid() const override;
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override;
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text which) const override;
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override;
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override { return {}; }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
    }

    bool isSelected() const override { return false; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return m_column; }
    int rowIndex() const override { return m_row; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

private:
    TableAccess& m_table; ///< owns this
    int m_row, m_column;
};

/// The widget's own children come first, then the cells, row by row.
class TableAccess : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    TableAccess(QWidget* widget, const AccessTable& rows) : QAccessibleWidget(widget, QAccessible::Table), m_rows(rows) {}
    ~TableAccess() override
    {
        for (const auto& [place, id] : m_cells)
            QAccessible::deleteAccessibleInterface(id);
    }

    const AccessTable& rows() const { return m_rows; }
    QPoint origin() const { return widget()->mapToGlobal(QPoint(0, 0)); }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                                   : QAccessibleWidget::interface_cast(type);
    }
    int childCount() const override { return QAccessibleWidget::childCount() + rowCount() * columnCount(); }
    QAccessibleInterface* child(int index) const override
    {
        const int own = QAccessibleWidget::childCount();
        if (index < own)
            return QAccessibleWidget::child(index);
        return columnCount() > 0 ? cellAt((index - own) / columnCount(), (index - own) % columnCount()) : nullptr;
    }
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        auto* one = const_cast<QAccessibleInterface*>(child);
        if (const auto* cell = one ? one->tableCellInterface() : nullptr)
            return QAccessibleWidget::childCount() + cell->rowIndex() * columnCount() + cell->columnIndex();
        return QAccessibleWidget::indexOfChild(child);
    }

    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QAccessibleInterface* cellAt(int row, int column) const override
    {
        if (row < 0 || column < 0 || row >= rowCount() || column >= columnCount())
            return nullptr;
        const auto place = std::pair(row, column);
        if (const auto known = m_cells.find(place); known != m_cells.end())
            return QAccessible::accessibleInterface(known->second);
        auto* cell = new CellAccess(const_cast<TableAccess&>(*this), row, column); // QAccessible owns it
        m_cells[place] = QAccessible::registerAccessibleInterface(cell);
        return cell;
    }
    int rowCount() const override { return m_rows.accessRows(); }
    int columnCount() const override { return m_rows.accessColumns(); }
    QString rowDescription(int row) const override { return row >= 0 && row < rowCount() ? m_rows.accessRow(row) : QString(); }
    QString columnDescription(int column) const override
    {
        return column >= 0 && column < columnCount() ? m_rows.accessColumn(column) : QString();
    }
    int selectedCellCount() const override { return 0; }
    QList<QAccessibleInterface*> selectedCells() const override { return {}; }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return 0; }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override { return {}; }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int) const override { return false; }
    bool selectRow(int) override { return false; }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override {}

private:
    const AccessTable& m_rows; ///< the widget itself
    mutable std::map<std::pair<int, int>, QAccessible::Id> m_cells;
};

bool CellAccess::isValid() const { return m_table.isValid() && m_row < m_table.rowCount() && m_column < m_table.columnCount(); }

QAccessibleInterface* CellAccess::parent() const { return &m_table; }

QString CellAccess::text(QAccessible::Text which) const
{
    if (!isValid() || (which != QAccessible::Name && which != QAccessible::Value))
        return {};
    const AccessTable& rows = m_table.rows();
    const QString sentence = rows.accessCell(m_row, m_column);
    return which == QAccessible::Value ? sentence : QStringLiteral("%1: %2").arg(rows.accessRow(m_row), sentence);
}

QRect CellAccess::rect() const
{
    const QRect here = isValid() ? m_table.rows().accessRect(m_row, m_column) : QRect();
    return here.isNull() ? here : here.translated(m_table.origin());
}

QAccessibleInterface* makeAccess(const QString&, QObject* object)
{
    auto* widget = qobject_cast<QWidget*>(object);
    const auto* rows = dynamic_cast<const AccessTable*>(object);
    return widget && rows ? new TableAccess(widget, *rows) : nullptr;
}

} // namespace

AccessTable::AccessTable() { [[maybe_unused]] static const bool installed = (QAccessible::installFactory(makeAccess), true); }

} // namespace winnow::views
