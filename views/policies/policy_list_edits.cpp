// SPDX-License-Identifier: GPL-3.0-or-later
// What the policy list changes: values, order, additions. What it shows is in policy_list.cpp.
#include "views/policies/policy_list.h"

#include "core/replay/check_policy.h"

#include "views/chrome/file_chooser.h"
#include "views/policies/policy_chooser.h"
#include "views/policies/policy_list_budget.h"
#include "views/policies/policy_list_row.h"
#include "views/style/dock_style.h"

#include <QApplication>
#include <QClipboard>
#include <QFrame>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>

#include <algorithm>
#include <numeric>

namespace winnow::views {

namespace {

/// A file that the policy reads and that was not named yet, if there is one.
const ParameterSpec* missingFile(const PolicySpec& spec)
{
    for (const ParameterSpec& parameter : findPolicy(spec.name)->parameters)
        if (parameter.kind == ParameterKind::File && spec.value(parameter.id).empty())
            return &parameter;
    return nullptr;
}

bool sameSpec(const PolicySpec& a, const PolicySpec& b) { return a.name == b.name && a.values == b.values; }

} // namespace

Result<PolicySpec> PolicyList::checked(Result<PolicySpec> spec) const
{
    if (spec && m_data.info && !m_data.info->layers.empty())
        WINNOW_TRY_VOID(checkPolicy(*m_data.info, *spec, prompt()));
    else if (spec && tokens() > 0)
        WINNOW_TRY_VOID(checkSpec(*spec, tokens(), prompt()));
    return spec;
}

void PolicyList::refuse(int policy, const Error& error)
{
    if (policy < 0 || policy >= static_cast<int>(m_notes.size()))
        return;
    m_notes[static_cast<std::size_t>(policy)].refused = QString::fromStdString(error.message);
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
    auto changed = checked(m_specs[static_cast<std::size_t>(policy)].with(key.toStdString(), value.toStdString()));
    if (!changed)
        refuse(policy, changed.error());
    else
        store(policy, *changed, dragging);
}

void PolicyList::store(int policy, PolicySpec spec, bool dragging)
{
    m_notes[static_cast<std::size_t>(policy)].error.clear();
    m_notes[static_cast<std::size_t>(policy)].refused.clear();
    const bool same = sameSpec(m_specs[static_cast<std::size_t>(policy)], spec);
    m_specs[static_cast<std::size_t>(policy)] = std::move(spec);
    m_own = m_own || !same;
    updateRows({});
    if (dragging && !same && !m_announce->isActive())
        m_announce->start();
    if (dragging || (same && !m_announce->isActive()))
        return;
    m_announce->stop();
    emit specsEdited(m_specs);
}

void PolicyList::apply(std::vector<PolicySpec> specs, const std::vector<int>& origin)
{
    const SelectionState before = m_selection->state();
    const auto moved = [&](int old) {
        const auto at = std::find(origin.begin(), origin.end(), old);
        return at != origin.end() ? static_cast<int>(at - origin.begin()) : std::min(old, static_cast<int>(origin.size()) - 1);
    };
    std::vector<RowNote> notes;
    std::vector<bool> expanded;
    for (const int old : origin) {
        notes.push_back(old < 0 ? RowNote() : m_notes[static_cast<std::size_t>(old)]);
        expanded.push_back(old >= 0 && m_rows[static_cast<std::size_t>(old)]->isExpanded());
    }
    m_specs = std::move(specs);
    m_notes = std::move(notes);
    m_own = true;
    m_announce->stop();
    emit specsEdited(m_specs);
    m_selection->setFocus(moved(before.focus));
    m_selection->setReference(moved(before.reference));
    for (std::size_t i = 0; i < origin.size(); ++i)
        m_selection->setHidden(static_cast<int>(i), origin[i] >= 0 &&
                                                        static_cast<std::size_t>(origin[i]) < before.hidden.size() &&
                                                        before.hidden[static_cast<std::size_t>(origin[i])]);
    updateRows(Selection::All);
    for (std::size_t i = 0; i < expanded.size(); ++i)
        m_rows[i]->setExpanded(expanded[i]);
}

void PolicyList::scaleBudget(int policy, double factor)
{
    if (policy < 0 || policy >= static_cast<int>(m_specs.size()) ||
        m_specs[static_cast<std::size_t>(policy)].value("budget").empty())
        return;
    edit(policy, QStringLiteral("budget"), budgetText(scaledBudget(m_specs[static_cast<std::size_t>(policy)].budget(), factor)),
         false);
}

void PolicyList::duplicatePolicy(int policy)
{
    std::vector<PolicySpec> specs = m_specs;
    std::vector<int> origin(specs.size());
    std::iota(origin.begin(), origin.end(), 0);
    specs.insert(specs.begin() + policy + 1, specs[static_cast<std::size_t>(policy)]);
    origin.insert(origin.begin() + policy + 1, -1);
    apply(std::move(specs), origin);
}

void PolicyList::removePolicy(int policy)
{
    std::vector<PolicySpec> specs = m_specs;
    if (specs.size() < 2 || policy < 0 || policy >= static_cast<int>(specs.size()))
        return; // a window without a policy shows nothing
    std::vector<int> origin(specs.size());
    std::iota(origin.begin(), origin.end(), 0);
    specs.erase(specs.begin() + policy);
    origin.erase(origin.begin() + policy);
    apply(std::move(specs), origin);
}

void PolicyList::movePolicy(int from, int to)
{
    if (from == to)
        return;
    std::vector<PolicySpec> specs = m_specs;
    std::vector<int> origin(specs.size());
    std::iota(origin.begin(), origin.end(), 0);
    const PolicySpec moved = specs[static_cast<std::size_t>(from)];
    specs.erase(specs.begin() + from);
    origin.erase(origin.begin() + from);
    specs.insert(specs.begin() + to, moved);
    origin.insert(origin.begin() + to, from);
    apply(std::move(specs), origin);
}

Result<PolicySpec> PolicyList::freshSpec(std::string_view name) const
{
    std::string line(name);
    const int focus = m_selection->state().focus;
    if (const PolicyInfo* info = findPolicy(name); info && focus < static_cast<int>(m_specs.size())) {
        const std::string budget(m_specs[static_cast<std::size_t>(focus)].value("budget"));
        const bool takes = std::any_of(info->parameters.begin(), info->parameters.end(),
                                       [](const ParameterSpec& p) { return p.id == "budget"; });
        if (takes && !budget.empty())
            line += ":budget=" + budget;
    }
    return parsePolicySpec(line);
}

void PolicyList::addPolicy(const QString& name)
{
    const auto spec = freshSpec(name.toStdString());
    const ParameterSpec* file = spec ? missingFile(*spec) : nullptr;
    if (!file) {
        append(spec);
        return;
    }
    const auto title = QString::fromUtf8(file->title.data(), static_cast<qsizetype>(file->title.size()));
    chooseFile(
        this, tr("%1 for %2").arg(title, name), tr("JSON (*.json);;All files (*)"), // at once: without it the policy cannot run
        [this, fresh = *spec, id = file->id](const QString& path) { append(checked(fresh.with(id, path.toStdString()))); });
}

void PolicyList::append(const Result<PolicySpec>& spec)
{
    if (!spec) {
        refuse(m_selection->state().focus, spec.error());
        return;
    }
    std::vector<PolicySpec> specs = m_specs;
    std::vector<int> origin(specs.size());
    std::iota(origin.begin(), origin.end(), 0);
    specs.push_back(*spec);
    origin.push_back(-1);
    apply(std::move(specs), origin);
    m_scroll->ensureWidgetVisible(m_rows.back(), 0, 0);
}

void PolicyList::openAddMenu()
{
    const auto refusal = [this](const PolicyInfo& info) {
        const auto fresh = freshSpec(info.name);
        if (fresh && missingFile(*fresh))
            return QString(); // asked for when it is added
        const auto spec = checked(fresh);
        return spec ? QString() : QString::fromStdString(spec.error().message);
    };
    m_chooser->open(policyCatalog(), refusal, m_add->mapToGlobal(QPoint(scaled(12), m_add->height())));
}

void PolicyList::openRowMenu(int policy, const QPoint& global)
{
    const QPointer row = m_rows[static_cast<std::size_t>(policy)]; // the list may change while the menu is open
    const auto with = [this, row](auto act) {
        return [this, row, act] {
            if (const int now = indexOf(row); now < static_cast<int>(m_specs.size()))
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
    menu->addAction(tr("Duplicate"), this, with([this](int now) { duplicatePolicy(now); }));
    menu->addAction(tr("Copy spec"), this, with([this](int now) {
                        QApplication::clipboard()->setText(
                            QString::fromStdString(m_specs[static_cast<std::size_t>(now)].canonical()));
                    }));
    QAction* remove = menu->addAction(tr("Remove"), this, with([this](int now) { removePolicy(now); }));
    remove->setEnabled(m_specs.size() > 1);
    menu->popup(global);
}

void PolicyList::rowDragged(PolicyRow* row, int globalY, bool dropped)
{
    const int y = m_content->mapFromGlobal(QPoint(0, globalY)).y(), from = indexOf(row);
    int gap = 0; // between rows: 0 is above the first
    while (gap < static_cast<int>(m_rows.size()) && m_rows[static_cast<std::size_t>(gap)]->geometry().center().y() < y)
        ++gap;
    m_dropLine->setVisible(!dropped);
    if (dropped) {
        movePolicy(from, gap > from ? gap - 1 : gap);
        return;
    }
    const int top = gap < static_cast<int>(m_rows.size()) ? m_rows[static_cast<std::size_t>(gap)]->y()
                                                          : m_rows.back()->geometry().bottom() + 1;
    m_dropLine->setGeometry(0, std::max(0, top - 1), m_content->width(), 2);
    m_dropLine->raise();
}

} // namespace winnow::views
