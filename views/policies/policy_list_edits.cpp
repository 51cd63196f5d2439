// SPDX-License-Identifier: GPL-3.0-or-later
// What the policy list does: edits, menus, dragging. What it shows is in policy_list.cpp.
#include "views/policies/policy_list.h"

#include "views/policies/policy_chooser.h"
#include "views/policies/policy_list_budget.h"
#include "views/policies/policy_list_row.h"
#include "views/style/dock_style.h"
#include "views/style/file_chooser.h"

#include <QApplication>
#include <QClipboard>
#include <QFrame>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>

#include <algorithm>

namespace winnow::views {

void PolicyList::refuse(int policy, const Error& error)
{
    if (!m_edits.has(policy))
        return;
    m_edits.note(policy).refused = QString::fromStdString(error.message);
    updateRows({});
}

/// What was begun for the text that goes: an edit not announced yet is announced to nobody.
void PolicyList::dropEdits()
{
    m_announce->stop();
    m_chooser->hide();
    m_dropLine->hide();
    for (QMenu* menu : findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly))
        menu->close();
    for (PolicyRow* row : m_rows)
        row->dropGestures();
}

void PolicyList::edit(int policy, const QString& key, const QString& value, bool dragging)
{
    auto changed = m_edits.withValue(policy, key.toStdString(), value.toStdString());
    if (!changed)
        refuse(policy, changed.error());
    else
        store(policy, *changed, dragging);
}

void PolicyList::store(int policy, PolicySpec spec, bool dragging)
{
    const bool same = !m_edits.store(policy, std::move(spec));
    updateRows({});
    if (dragging && !same && !m_announce->isActive())
        m_announce->start();
    if (dragging || (same && !m_announce->isActive()))
        return;
    m_announce->stop();
    emit specsEdited(m_edits.specs());
}

void PolicyList::apply(const PolicyEdits::Change& change)
{
    const SelectionState before = m_selection->state();
    const int count = m_edits.count(), runs = runCount(), moved = static_cast<int>(change.origin.size()) - count;
    const auto numberOf = [&](int old) { return old < count ? change.numberOf(old) : old + moved; }; // runs stand behind them
    std::vector<bool> expanded;
    for (const int old : change.origin)
        expanded.push_back(old >= 0 && m_rows[static_cast<std::size_t>(old)]->isExpanded());
    m_edits.apply(change);
    m_announce->stop();
    emit specsEdited(m_edits.specs());
    m_selection->setFocus(numberOf(before.focus));
    m_selection->setReference(numberOf(before.reference));
    for (std::size_t i = 0; i < change.origin.size(); ++i) {
        const auto old = static_cast<std::size_t>(change.origin[i]);
        m_selection->setHidden(static_cast<int>(i), change.origin[i] >= 0 && old < before.hidden.size() && before.hidden[old]);
    }
    for (int run = count; run < count + runs; ++run) {
        const auto old = static_cast<std::size_t>(run);
        m_selection->setHidden(run + moved, old < before.hidden.size() && before.hidden[old]);
    }
    updateRows(Selection::All);
    for (std::size_t i = 0; i < expanded.size(); ++i)
        m_rows[i]->setExpanded(expanded[i]);
}

void PolicyList::scaleBudget(int policy, double factor)
{
    if (m_edits.has(policy) && !m_edits.spec(policy).value("budget").empty())
        edit(policy, QStringLiteral("budget"), budgetText(scaledBudget(m_edits.spec(policy).budget(), factor)), false);
}

void PolicyList::duplicatePolicy(int policy) { apply(m_edits.duplicated(policy)); }

void PolicyList::removePolicy(int policy)
{
    if (!m_edits.has(policy))
        emit runRemovalWanted(policy);
    else if (const auto change = m_edits.removed(policy))
        apply(*change);
}

void PolicyList::movePolicy(int from, int to)
{
    if (from != to && m_edits.has(from))
        apply(m_edits.moved(from, to));
}

void PolicyList::addPolicy(const QString& name)
{
    const auto spec = m_edits.fresh(name.toStdString(), m_selection->state().focus);
    const ParameterSpec* file = spec ? missingFile(*spec) : nullptr;
    if (!file) {
        append(spec);
        return;
    }
    const auto title = QString::fromUtf8(file->title);
    chooseFile(this, tr("%1 for %2").arg(title, name),
               tr("JSON or NumPy (*.json *.npz);;All files (*)"), // at once: without it the policy cannot run
               [this, fresh = *spec, id = file->id](const QString& path) {
                   append(m_edits.checked(fresh.with(id, path.toStdString())));
               });
}

void PolicyList::append(const Result<PolicySpec>& spec)
{
    if (!spec) {
        refuse(m_selection->state().focus, spec.error());
        return;
    }
    apply(m_edits.appended(*spec));
    bringIntoSight(m_rows[static_cast<std::size_t>(m_edits.count() - 1)]);
}

void PolicyList::openAddMenu()
{
    const auto refusal = [this](const PolicyInfo& info) {
        const auto fresh = m_edits.fresh(info.name, m_selection->state().focus);
        if (fresh && missingFile(*fresh))
            return QString(); // asked for when it is added
        const auto spec = m_edits.checked(fresh);
        return spec ? QString() : QString::fromStdString(spec.error().message);
    };
    m_chooser->open(policyCatalog(), refusal, m_add->mapToGlobal(QPoint(scaled(12), m_add->height())));
}

void PolicyList::openRowMenu(int policy, const QPoint& global)
{
    const QPointer row = m_rows[static_cast<std::size_t>(policy)]; // the list may change while the menu is open
    const auto with = [this, row](auto act) {
        return [this, row, act] {
            if (const int now = indexOf(row); now < static_cast<int>(m_rows.size()))
                act(now);
        };
    };
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Set as focus"), this, with([this](int now) { m_selection->setFocus(now); }));
    menu->addAction(tr("Set as reference"), this, with([this](int now) { m_selection->setReference(now); }));
    const bool visible = m_selection->isVisible(policy);
    menu->addAction(visible ? tr("Hide") : tr("Show"), this,
                    with([this, visible](int now) { m_selection->setHidden(now, visible); }));
    menu->addSeparator();
    const bool isRun = !m_edits.has(policy);
    menu->addAction(isRun ? tr("Run it again") : tr("Run this policy for real"), this,
                    with([this](int now) { emit runWanted(now); }));
    if (!isRun) {
        QAction* tune = menu->addAction(tr("Tune…"), this, with([this](int now) { emit tuneWanted(now); }));
        tune->setObjectName(QStringLiteral("tune-policy"));
        tune->setEnabled(m_data.trace != nullptr);
        menu->addAction(tr("Duplicate"), this, with([this](int now) { duplicatePolicy(now); }));
    }
    menu->addAction(tr("Copy spec"), this, with([this](int now) {
                        QApplication::clipboard()->setText(
                            QString::fromStdString(m_rows[static_cast<std::size_t>(now)]->state().spec.canonical()));
                    }));
    QAction* remove = menu->addAction(tr("Remove"), this, with([this](int now) { removePolicy(now); }));
    remove->setEnabled(isRun || m_edits.count() > 1);
    menu->popup(global);
}

void PolicyList::rowDragged(PolicyRow* row, int globalY, bool dropped)
{
    const int y = m_content->mapFromGlobal(QPoint(0, globalY)).y(), from = indexOf(row);
    int gap = 0;                      // between rows: 0 is above the first
    const int last = m_edits.count(); // runs stay behind
    if (!m_edits.has(from))
        return;
    while (gap < last && m_rows[static_cast<std::size_t>(gap)]->geometry().center().y() < y)
        ++gap;
    m_dropLine->setVisible(!dropped);
    if (dropped) {
        movePolicy(from, gap > from ? gap - 1 : gap);
        return;
    }
    const int top = gap < last ? m_rows[static_cast<std::size_t>(gap)]->y()
                               : m_rows[static_cast<std::size_t>(last - 1)]->geometry().bottom() + 1;
    m_dropLine->setGeometry(0, std::max(0, top - 1), m_content->width(), 2);
    m_dropLine->raise();
}

} // namespace winnow::views
