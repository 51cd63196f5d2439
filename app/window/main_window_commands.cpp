// SPDX-License-Identifier: GPL-3.0-or-later
// What the actions do with panes, dialogs and theme. See main_window.h.
#include "app/window/answerer.h"
#include "app/window/command_palette.h"
#include "app/window/empty_card.h"
#include "app/window/history.h"
#include "app/window/key_filter.h"
#include "app/window/keys_dialog.h"
#include "app/window/main_window.h"
#include "app/window/mnemonics.h"
#include "app/window/needle_opener.h"
#include "app/window/sweep_dialog.h"
#include "app/window/tune_dialog.h"
#include "views/answers/answers_tab.h"
#include "views/chrome/context_bar.h"
#include "views/chrome/hover_card.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/text/text_view.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QSettings>

#include <algorithm>

namespace winnow::app {

using namespace views;

// --- commands

void MainWindow::dropFilter()
{
    if (m_arrangement->closeDrop())
        return;
    if (m_card->isPinned())
        m_card->togglePinned({});
    else if (m_maps->isMaximized())
        m_maps->setMaximized(false);
    else if (!m_selection->dropNewestFilter())
        m_text->closeSearch();
}

void MainWindow::find()
{
    m_arrangement->showText();
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
    for (QLabel* label : dialog->findChildren<QLabel*>())
        label->setWordWrap(true);
    dialog->setIntRange(0, std::max(0, tokens));
    dialog->setIntValue(m_workspace->prompt());
    connect(m_selection, &Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QInputDialog::intValueSelected, m_workspace, [this](int prompt) { m_workspace->setPrompt(prompt); });
    dialog->open();
}

void MainWindow::nextPane(int direction)
{
    QList<QWidget*> panes{m_empty, m_policies, m_lanes, m_maps, m_lower, m_text, m_deck};
    panes.removeIf([this](const QWidget* pane) { return !pane->isVisible() || (pane == m_text && m_lower->isAncestorOf(pane)); });
    for (Band* band : {m_messages, m_offer})
        if (band->isVisible() && band->hasChoices())
            panes.prepend(band);
    if (QWidget* next = app::nextPane(panes, QApplication::focusWidget(), direction))
        focusPane(next);
}

void MainWindow::showLowerTab(int tab)
{
    m_arrangement->showLowerTab(tab);
    m_lower->currentWidget()->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::stopWork()
{
    m_workspace->stop();
    m_exporter->cancel();
    m_answerer->cancel();
    m_needles->cancel();
}

/// What the tab Answers shows, where it is the one that is looked at.
QString MainWindow::answersLine() const
{
    return m_lower->currentWidget() == m_lower->answers() ? m_answerer->commandLine() : QString();
}

void MainWindow::openTune(int policy)
{
    if (const QString why = TuneDialog::whyNot(*m_workspace, policy); !why.isEmpty())
        return warn(why);
    auto* dialog = new TuneDialog(
        m_workspace, m_places, m_exporter, policy, [this](const auto& specs) { editPolicies(specs); }, this);
    dialog->setTheme(m_theme);
    dialog->show();
}

void MainWindow::openSweep()
{
    auto* dialog = new SweepDialog(
        m_workspace, m_selection, m_exporter, [this](const auto& specs) { editPolicies(specs); }, this);
    dialog->setTheme(m_theme);
    dialog->show();
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

/// A right click on a pane: what can be taken from it.
void MainWindow::contextMenuEvent(QContextMenuEvent* event)
{
    if (m_workspace->isEmpty())
        return;
    for (QWidget* pane : std::initializer_list<QWidget*>{m_policies, m_lanes, m_maps, m_lower, m_text, m_deck})
        if (pane->isVisible() && pane->rect().contains(pane->mapFromGlobal(event->globalPos())) &&
            !pane->isAncestorOf(QApplication::focusWidget()))
            pane->setFocus(Qt::MouseFocusReason);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const char* id : {"export", "copy", "copy-command", "copy-snippet"})
        menu->addAction(action(QLatin1String(id)));
    menu->popup(event->globalPos());
}

void MainWindow::editPolicies(const std::vector<PolicySpec>& specs)
{
    m_history->editPolicies([&] { m_workspace->setSpecs(specs); });
}

void MainWindow::refuse(const QString& sentence)
{
    m_sessions->dropOpening();
    m_messages->show(Band::Kind::Error, sentence, {{tr("Open…"), [this] { m_opener->chooseFiles(); }}});
    emit refused(sentence);
}

/// TreeKV and H2O, where they are among the policies.
void MainWindow::choosePolicies()
{
    const auto& specs = m_workspace->specs();
    if (!m_choosePolicies || m_workspace->isEmpty() || specs.empty())
        return;
    const auto numberOf = [&](std::string_view name) {
        const auto found = std::find_if(specs.begin(), specs.end(), [&](const PolicySpec& spec) { return spec.name == name; });
        return found == specs.end() ? 0 : static_cast<int>(found - specs.begin());
    };
    m_selection->setFocus(numberOf("treekv"));
    m_selection->setReference(numberOf("h2o"));
    m_choosePolicies = false;
}

// --- theme and motion

void MainWindow::chooseTheme(ThemeChoice choice)
{
    m_themeChoice = choice;
    m_themeFixed = false;
    QSettings().setValue(QStringLiteral("theme"), static_cast<int>(choice));
    applyTheme();
}

void MainWindow::fixTheme(ThemeChoice choice)
{
    m_themeChoice = choice;
    m_themeFixed = true;
    applyTheme();
}

void MainWindow::setReducedMotion(bool on)
{
    QSettings().setValue(QStringLiteral("reduced-motion"), on);
    m_workspace->setLiveFill(!on);
}

bool MainWindow::reducedMotion() const { return QSettings().value(QStringLiteral("reduced-motion"), false).toBool(); }

void MainWindow::applyTheme()
{
    static const bool systemIsDark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    const bool dark = m_themeChoice == ThemeChoice::Dark || (m_themeChoice == ThemeChoice::System && systemIsDark);
    const Theme& theme = dark ? Theme::darkTheme() : Theme::lightTheme();
    m_theme = theme;
    QApplication::setPalette(theme.palette());
    m_context->setTheme(theme);
    m_policies->setTheme(theme);
    m_lanes->setTheme(theme);
    m_viewBar->setTheme(theme);
    m_maps->setTheme(theme);
    m_lower->setTheme(theme);
    m_text->setTheme(theme);
    m_deck->setTheme(theme);
    m_card->setTheme(theme);
    for (Band* band : {m_offer, m_messages, m_hint})
        band->setTheme(theme);
    m_empty->setTheme(theme);
    m_palette->setTheme(theme);
    m_needles->setTheme(theme);
}

void MainWindow::restoreSettings()
{
    m_workspace->setLiveFill(!reducedMotion());
    m_themeChoice = static_cast<ThemeChoice>(std::clamp(QSettings().value(QStringLiteral("theme"), 0).toInt(), 0, 2));
    m_arrangement->restore();
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    m_arrangement->arrange();
}

/// What no field made anything of.
void MainWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape || !m_keys->leaveField())
        QMainWindow::keyPressEvent(event);
}

void MainWindow::showRecent(const QStringList& recent)
{
    m_empty->setRecent(recent);
    m_recentMenu->clear();
    for (const QString& path : recent)
        m_recentMenu->addAction(asMenuText(path), m_opener, [this, path] { m_opener->openPaths({path}); });
    m_recentMenu->setEnabled(!recent.isEmpty());
}

// --- drag and drop

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QStringList paths = localPaths(event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    const QString sentence = dropWords(paths);
    m_empty->setDropText(sentence);
    if (!m_workspace->isEmpty())
        m_messages->show(Band::Kind::Hint, sentence);
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*)
{
    m_empty->setDropText({});
    if (m_messages->kind() == Band::Kind::Hint)
        m_messages->hide();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    dragLeaveEvent(nullptr);
    const QStringList paths = localPaths(event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    m_opener->openPaths(paths);
}

} // namespace winnow::app
