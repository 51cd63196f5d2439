// SPDX-License-Identifier: GPL-3.0-or-later
// What the actions do to the selection, the panes and the picture. See main_window.h.
#include "app/window/band.h"
#include "app/window/keys_dialog.h"
#include "app/window/main_window.h"
#include "views/chrome/hover_card.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/state/lane_choice.h"
#include "views/text/text_view.h"

#include <QApplication>
#include <QDockWidget>
#include <QInputDialog>

#include <algorithm>

namespace winnow::app {

using namespace views;

// --- steps, policies, filters

void MainWindow::moveStep(int by)
{
    const qint64 step = static_cast<qint64>(m_selection->state().step) + by;
    m_selection->setStep(static_cast<int>(std::clamp<qint64>(step, 0, std::max(0, m_selection->tokenCount() - 1))));
}

void MainWindow::moveToEviction(int direction)
{
    const ViewData& data = m_workspace->data();
    const SelectionState& state = m_selection->state();
    if (!data.replay || !state.token || state.focus >= static_cast<int>(data.replay->policies.size()))
        return;
    const LaneChoice choice = lanesOf(data, state, state.focus);
    const std::vector<int> steps =
        leftAt(*data.replay->policies[static_cast<std::size_t>(state.focus)], choice.lanes, *state.token);
    if (direction > 0) {
        if (const auto next = std::upper_bound(steps.begin(), steps.end(), state.step); next != steps.end())
            m_selection->setStep(*next);
    } else if (const auto next = std::lower_bound(steps.begin(), steps.end(), state.step); next != steps.begin()) {
        m_selection->setStep(*std::prev(next));
    }
}

void MainWindow::focusPolicy(int policy)
{
    if (policy < static_cast<int>(m_workspace->specs().size()))
        m_selection->setFocus(policy);
}

void MainWindow::makeReference(int policy)
{
    if (policy < static_cast<int>(m_workspace->specs().size()))
        m_selection->setReference(policy);
}

void MainWindow::showAllPolicies()
{
    for (int policy = 0; policy < static_cast<int>(m_workspace->specs().size()); ++policy)
        m_selection->setHidden(policy, false);
}

void MainWindow::dropFilter()
{
    if (m_card->isPinned())
        m_card->togglePinned({});
    else if (m_maps->isMaximized())
        m_maps->setMaximized(false);
    else if (!m_selection->dropNewestFilter())
        m_text->closeSearch();
}

void MainWindow::markSpan()
{
    const SelectionState& state = m_selection->state();
    if (!state.tokenRange)
        return;
    std::vector<Span> spans = state.spans;
    const auto marked =
        std::find_if(spans.begin(), spans.end(), [&](const Span& span) { return span.tokens == *state.tokenRange; });
    if (marked != spans.end())
        spans.erase(marked); // the same key takes it away again
    else
        spans.push_back({*state.tokenRange, tr("span %1").arg(spans.size() + 1)});
    m_selection->setSpans(std::move(spans));
}

void MainWindow::find()
{
    m_textDock->show();
    m_text->openSearch();
}

void MainWindow::pinCard() { m_card->togglePinned(m_maps->mapToGlobal(m_maps->rect().center())); }

void MainWindow::choosePrompt()
{
    const int tokens = m_selection->tokenCount();
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setWindowTitle(tr("Length of the prompt"));
    dialog->setLabelText(tr("The first tokens are processed with full attention; policies act from there on."));
    dialog->setIntRange(0, std::max(0, tokens));
    dialog->setIntValue(m_workspace->prompt());
    connect(m_selection, &Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QInputDialog::intValueSelected, m_workspace, [this](int prompt) { m_workspace->setPrompt(prompt); });
    dialog->open();
}

// --- panes

QList<QWidget*> MainWindow::panes() const
{
    QList<QWidget*> all{m_policies, m_lanes, m_maps, m_lower, m_text, m_deck};
    all.removeIf([](QWidget* pane) { return !pane->isVisible(); });
    return all;
}

void MainWindow::nextPane(int direction)
{
    const QList<QWidget*> all = panes();
    if (all.isEmpty())
        return;
    QWidget* focus = QApplication::focusWidget();
    qsizetype at = -1;
    for (qsizetype i = 0; i < all.size(); ++i)
        if (focus && (all[i] == focus || all[i]->isAncestorOf(focus)))
            at = i;
    QWidget* next = all[(at + direction + all.size()) % all.size()];
    QWidget* target = next;
    if (target->focusPolicy() == Qt::NoFocus)
        for (QWidget* child : next->findChildren<QWidget*>())
            if (child->isVisible() && child->focusPolicy() != Qt::NoFocus) {
                target = child;
                break;
            }
    target->setFocus(Qt::TabFocusReason);
}

void MainWindow::toggleDock(bool left)
{
    QDockWidget* dock = left ? m_leftDock : m_textDock;
    dock->setVisible(!dock->isVisible());
}

bool MainWindow::isDockShown(bool left) const { return (left ? m_leftDock : m_textDock)->isVisible(); }

void MainWindow::showLowerTab(int tab)
{
    m_lowerClosed = false;
    m_lower->setCurrentIndex(tab);
    placeSplitter();
}

void MainWindow::stopWork()
{
    m_workspace->stop();
    m_figureJob.cancel();
}

void MainWindow::showKeys()
{
    auto* dialog = new KeysDialog(this);
    connect(dialog, &KeysDialog::rebound, this,
            [this](const QString& id, const QList<QKeySequence>& keys) { action(id)->setShortcuts(keys); });
    dialog->open();
}

void MainWindow::showAbout()
{
    m_hint->show(Band::Kind::Hint, tr("Winnow %1: which tokens a KV-cache eviction policy keeps, and what that costs. "
                                      "GPL-3.0-or-later. Press ? for the keys.")
                                       .arg(QStringLiteral(WINNOW_VERSION)));
}

} // namespace winnow::app
