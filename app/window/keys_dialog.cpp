// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/keys_dialog.h"

#include "app/window/actions.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::app {

namespace {

QString keyWords(const QList<QKeySequence>& keys, QKeySequence::SequenceFormat format)
{
    QStringList list;
    for (const QKeySequence& key : keys)
        list << key.toString(format);
    return list.join(format == QKeySequence::PortableText ? QStringLiteral("; ") : QStringLiteral(", "));
}

/// What an action does; one of a submenu with the submenu's name: "Theme: Dark".
QString words(const ActionSpec& spec)
{
    const QString menu = QString::fromUtf8(spec.menu), text = QString::fromUtf8(spec.text);
    return menu.contains(QLatin1Char('/')) ? menu.section(QLatin1Char('/'), -1) + QStringLiteral(": ") + text : text;
}

const ActionSpec* specOf(const QString& id)
{
    const auto table = actionTable();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ActionSpec& spec) { return id == QLatin1String(spec.id); });
    return found == table.end() ? nullptr : &*found;
}

} // namespace

KeysDialog::KeysDialog(QWidget* parent)
    : QDialog(parent), m_search(new QLineEdit), m_table(new QTableWidget(0, 2)), m_keys(new QKeySequenceEdit),
      m_reset(new QPushButton(tr("Default"))), m_problem(new QLabel)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keys"));
    resize(QSize(560, 640).boundedTo(parent ? parent->size() - QSize(40, 40) : QSize(560, 640)));
    m_search->setPlaceholderText(tr("Search actions and keys"));
    m_search->setAccessibleName(tr("Search actions and keys"));
    m_table->setHorizontalHeaderLabels({tr("key"), tr("does")});
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->verticalHeader()->hide();
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_keys->setAccessibleName(tr("New keys of the chosen action"));
    m_keys->setEnabled(false);
    m_reset->setEnabled(false);
    m_reset->setAutoDefault(false);
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto* row = new QHBoxLayout;
    auto* rebindTo = new QLabel(tr("Rebind to"));
    rebindTo->setBuddy(m_keys);
    row->addWidget(rebindTo);
    row->addWidget(m_keys, 1);
    row->addWidget(m_reset);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_search);
    column->addWidget(m_table, 1);
    column->addLayout(row);
    column->addWidget(m_problem);
    connect(m_search, &QLineEdit::textChanged, this, &KeysDialog::narrow);
    connect(m_table, &QTableWidget::currentCellChanged, this, [this] {
        m_keys->setEnabled(!currentId().isEmpty());
        m_reset->setEnabled(m_keys->isEnabled());
        m_keys->clear();
    });
    connect(m_keys, &QKeySequenceEdit::editingFinished, this, [this] {
        if (!m_keys->keySequence().isEmpty())
            rebind(currentId(), {m_keys->keySequence()});
    });
    connect(m_reset, &QPushButton::clicked, this, [this] {
        const QString id = currentId();
        QSettings().remove(QStringLiteral("keys/") + id);
        if (const ActionSpec* spec = specOf(id))
            rebind(id, shortcutsOf(*spec));
    });
    fill();
}

QString KeysDialog::currentId() const
{
    const QTableWidgetItem* item = m_table->item(m_table->currentRow(), 1);
    return item ? item->data(Qt::UserRole).toString() : QString();
}

QString KeysDialog::problem() const { return m_problem->isHidden() ? QString() : m_problem->text(); }

bool KeysDialog::rebind(const QString& id, const QList<QKeySequence>& keys)
{
    const ActionSpec* spec = specOf(id);
    if (!spec)
        return false;
    for (const ActionSpec& other : actionTable())
        for (const QKeySequence& taken : shortcutsOf(other))
            if (&other != spec && keys.contains(taken)) {
                m_problem->setText(tr("%1 is the key of “%2”; choose another, or rebind that first.")
                                       .arg(taken.toString(QKeySequence::NativeText), words(other)));
                m_problem->show();
                return false;
            }
    m_problem->hide();
    const QString portable = keyWords(keys, QKeySequence::PortableText);
    if (portable == QLatin1String(spec->keys))
        QSettings().remove(QStringLiteral("keys/") + id);
    else
        QSettings().setValue(QStringLiteral("keys/") + id, portable);
    fill();
    emit rebound(id, keys);
    return true;
}

void KeysDialog::fill()
{
    const int current = m_table->currentRow();
    const QSignalBlocker quiet(m_table);
    m_table->setRowCount(0);
    for (const ActionSpec& spec : actionTable()) {
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        m_table->setItem(row, 0, new QTableWidgetItem(keyWords(shortcutsOf(spec), QKeySequence::NativeText)));
        auto* item = new QTableWidgetItem(words(spec));
        item->setData(Qt::UserRole, QLatin1String(spec.id));
        m_table->setItem(row, 1, item);
    }
    m_table->resizeColumnToContents(0);
    m_table->setCurrentCell(current, 1);
    narrow();
}

void KeysDialog::narrow()
{
    for (int row = 0; row < m_table->rowCount(); ++row)
        m_table->setRowHidden(row, !m_table->item(row, 0)->text().contains(m_search->text(), Qt::CaseInsensitive) &&
                                       !m_table->item(row, 1)->text().contains(m_search->text(), Qt::CaseInsensitive));
}

} // namespace winnow::app
