// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of the window, and the order in which all is closed. See main_window.h.
#include "app/window/answerer.h"
#include "app/window/main_window.h"
#include "app/window/needle_opener.h"
#include "app/window/notebook.h"
#include "app/window/place_tabs.h"
#include "app/window/run_starter.h"
#include "app/window/status_sentence.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/state/lane_choice.h"

#include <QCloseEvent>
#include <QMessageBox>

#include <algorithm>

namespace winnow::app {

using namespace views;

// --- sessions

Session MainWindow::session() const
{
    Session session;
    const Sources& sources = m_workspace->sources();
    session.model = sources.model;
    session.text = sources.text;
    session.trace = sources.trace;
    session.replay = sources.replay;
    session.runs = m_workspace->runs()->file();
    session.modelName = sources.modelName;
    session.textName = sources.textName;
    session.policies = m_workspace->specs();
    session.prompt = m_workspace->prompt();
    session.selection = m_selection->state();
    session.notes = m_notebook->notes()->all();
    session.controls = m_lower->controls();
    session.controls["lanes"]["measure"] = measureName(m_lanes->measure()).toStdString();
    session.figures = m_exporter->figureWords();
    session.scale = m_maps->scale();
    session.theme = m_themeChoice;
    session.window = m_arrangement->sizes();
    return session;
}

void MainWindow::takeSession(const Session& session)
{
    if (!m_themeFixed) {
        m_themeChoice = session.theme;
        applyTheme();
    }
    m_runStarter->suggestModel(session.model);
    m_maps->setScale(session.scale);
    m_viewBar->setScale(session.scale);
    m_arrangement->take(session.window);
}

/// The selection can only be set once its tokens and policies are there; before, it would be clamped away.
void MainWindow::applySession()
{
    if (!m_sessions->isOpening() || m_selection->tokenCount() == 0 || !m_workspace->data().replay)
        return;
    if (m_sessions->opened().policies != m_workspace->specs()) // the replay beside it holds others; this comes again with them
        return m_workspace->setSpecs(m_sessions->opened().policies);
    Session session = *m_sessions->takeOpened();
    m_workspace->setOrigin(session.model, session.text);
    session.selection.lanes = lanesThere(m_workspace->data(), session.selection.lanes);
    m_selection->setState(session.selection);
    std::erase_if(session.notes, [tokens = m_selection->tokenCount()](const Note& note) {
        return std::max(note.step + 1, note.tokens ? note.tokens->end : 0) > tokens;
    });
    m_notebook->notes()->set(std::move(session.notes));
    m_lower->takeControls(session.controls);
    m_lanes->setMeasureNamed(QString::fromStdString(session.controls["lanes"]["measure"]));
    m_lead.stop();
    m_arrangement->takeShown(session.window);
}

// --- closing

bool MainWindow::asksToKeep(bool everything, const std::function<void()>& close)
{
    const auto shown = m_workspace->atStake(), stake = shown || !everything ? shown : m_places->atStake();
    if (!stake || std::exchange(m_mayDiscard, false))
        return false;
    if (findChild<QMessageBox*>(QStringLiteral("keep-recording")))
        return true; // it was asked already
    const int unsaved = everything ? static_cast<int>(m_places->unsaved().size()) : 0;
    auto* box =
        new QMessageBox(QMessageBox::Question, tr("Winnow"), keepQuestion(*stake, unsaved - (shown || !everything ? 0 : 1)),
                        QMessageBox::Discard | QMessageBox::Cancel, this);
    box->setObjectName(QStringLiteral("keep-recording"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    if (!stake->running)
        box->addButton(QMessageBox::Save);
    box->setDefaultButton(stake->running ? QMessageBox::Cancel : QMessageBox::Save);
    connect(box, &QMessageBox::buttonClicked, this, [this, box, close](QAbstractButton* button) {
        const auto answer = box->standardButton(button);
        if (answer == QMessageBox::Save) {
            if (const auto places = m_places->unsaved(); !m_workspace->atStake() && !places.empty())
                m_places->goTo(places.front()); // the session is that of the shown one
            m_afterSave = close;
            return m_sessions->save(true);
        }
        m_mayDiscard = answer == QMessageBox::Discard;
        if (m_mayDiscard)
            close();
        m_mayDiscard = false;
    });
    box->open();
    return true;
}

void MainWindow::askAndCloseData()
{
    if (!asksToKeep(false, [this] { askAndCloseData(); }) && !m_places->closeCurrent())
        closeData();
}

void MainWindow::goToPlace(int direction)
{
    if (!m_places->next(direction))
        emit m_placeTabs->refused(
            tr("Something is being recorded, replayed or run; the tabs wait until it is done or stopped (Ctrl+.)."));
}

void MainWindow::closeData()
{
    closeDialogs();
    m_opener->stop();
    m_exporter->stop();
    m_answerer->stop();
    m_needles->stop();
    m_messages->hide();
    m_hint->hide();
    m_sessions->forget();
    m_workspace->close();
    showRecent(m_opener->recent());
}

/// Dialogs, menus and other popups: what they ask about is going.
void MainWindow::closeDialogs()
{
    for (QWidget* one : findChildren<QWidget*>())
        if (one->isWindow() && one->isVisible())
            one->close();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    const bool saving = m_sessions->isSaving() || m_exporter->isSavingReplay();
    if (!saving && asksToKeep(true, [this] { close(); })) {
        event->ignore();
        return;
    }
    if (saving) { // what is being saved may be read from the temporary folder, which goes with the window
        m_afterSave = [this] { close(); };
        m_messages->show(Band::Kind::Hint, tr("A file is being saved; the window closes then."));
        event->ignore();
        return;
    }
    m_arrangement->save();
    closeData();
    m_sessions->end();
    QMainWindow::closeEvent(event);
}

} // namespace winnow::app
