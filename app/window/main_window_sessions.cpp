// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions: saved, kept against a crash, brought back; and the one order in which what is open is closed. See main_window.h.
#include "app/window/band.h"
#include "app/window/main_window.h"
#include "core/io/atomic_file.h"
#include "core/io/output_file.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/maps/map_grid.h"
#include "views/state/lane_choice.h"

#include <QDockWidget>
#include <QFileDialog>
#include <QLocale>
#include <QMessageBox>
#include <QSplitter>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString shown(const fs::path& path) { return QString::fromStdString(path.string()); }

/// Where the recording of a session goes: beside `session`, under its name where nothing is there yet.
fs::path freeName(const fs::path& session)
{
    std::error_code error;
    const std::string stem = session.stem().string();
    fs::path name = session.parent_path() / (stem + ".h5");
    for (int number = 2; fs::exists(fs::symlink_status(name, error)); ++number)
        name = session.parent_path() / fmt::format("{}-{}.h5", stem, number);
    return name;
}

} // namespace

// --- closing

bool MainWindow::asksToKeep(const std::function<void()>& close)
{
    const auto stake = m_workspace->atStake();
    if (!stake || std::exchange(m_mayDiscard, false))
        return false;
    if (findChild<QMessageBox*>(QStringLiteral("keep-recording")))
        return true; // it was asked already
    const QString size = stake->bytes > 0 ? tr(" (%1 MB)").arg(static_cast<double>(stake->bytes) / 1e6, 0, 'f', 1) : QString();
    auto* box = new QMessageBox(QMessageBox::Question, tr("Winnow"),
                                stake->running
                                    ? tr("“%1” is being recorded%2. Stop, and throw the recording away?").arg(stake->name, size)
                                    : tr("The recording of “%1”%2 is not saved. Keep it?").arg(stake->name, size),
                                QMessageBox::Discard | QMessageBox::Cancel, this);
    box->setObjectName(QStringLiteral("keep-recording"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    if (!stake->running)
        box->addButton(QMessageBox::Save);
    box->setDefaultButton(stake->running ? QMessageBox::Cancel : QMessageBox::Save);
    connect(box, &QMessageBox::buttonClicked, this, [this, box, close](QAbstractButton* button) {
        const auto answer = box->standardButton(button);
        if (answer == QMessageBox::Save) {
            m_afterSave = close;
            return saveSession(true);
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
    if (!asksToKeep([this] { askAndCloseData(); }))
        closeData();
}

void MainWindow::closeData()
{
    closeDialogs();
    m_sortJob.stop();
    m_figureJob.stop();
    m_messages->hide();
    m_hint->hide();
    m_sessionFile.clear();
    m_openingSession.reset();
    if (m_autosave)
        m_autosave->forget();
    m_workspace->close();
    showRecent();
}

/// Dialogs, menus and other popups: what they ask about is going.
void MainWindow::closeDialogs()
{
    for (QWidget* one : findChildren<QWidget*>())
        if (one->isWindow() && one->isVisible())
            one->close();
}

// --- sessions

Session MainWindow::session() const
{
    Session session;
    const Sources& sources = m_workspace->sources();
    session.model = sources.model;
    session.text = sources.text;
    session.trace = sources.trace;
    session.replay = sources.replay;
    session.modelName = sources.modelName;
    session.textName = sources.textName;
    session.policies = m_workspace->specs();
    session.prompt = m_workspace->prompt();
    session.selection = m_selection->state();
    session.scale = m_maps->scale();
    session.theme = m_themeChoice;
    session.window = windowSizes();
    return session;
}

void MainWindow::keepSessions(const fs::path& folder)
{
    constexpr int kPause = 5000; // ms
    m_autosave = std::make_unique<Autosave>(folder);
    connect(&m_keepTimer, &QTimer::timeout, this, &MainWindow::keepSession);
    connect(m_workspace, &Workspace::settled, this, &MainWindow::keepSession);
    m_keepTimer.start(kPause);
    m_leftover = findLeftover(folder);
    if (m_leftover)
        m_offer->show(Band::Kind::Warning,
                      tr("Winnow ended without closing its window; its session of %1 can be brought back.")
                          .arg(QLocale().toString(m_leftover->written, QLocale::ShortFormat)),
                      {{tr("Bring back"), [this] { bringBack(); }}, {tr("Discard"), [this] { discardLeftover(); }}});
}

void MainWindow::keepSession()
{
    const Sources& sources = m_workspace->sources();
    if (m_autosave && !m_openingSession && (!sources.trace.empty() || !sources.replay.empty()))
        m_autosave->keep(session());
}

void MainWindow::bringBack()
{
    if (!m_leftover)
        return;
    const fs::path file = m_leftover->file;
    if (restore(file)) // else it stays where it is
        m_autosave->adopt(std::move(*m_leftover));
    m_leftover.reset();
}

void MainWindow::discardLeftover()
{
    if (m_leftover)
        discard(std::move(*m_leftover));
    m_leftover.reset();
}

void MainWindow::saveSession(bool asNew)
{
    if (!asNew && !m_sessionFile.empty())
        return saveSessionTo(m_sessionFile);
    auto* dialog = new QFileDialog(this, tr("Save session"), QString(), tr("Sessions (*.winnow)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("winnow"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { saveSessionTo(path.toStdString()); });
    connect(dialog, &QFileDialog::rejected, this, [this] { m_afterSave = {}; });
    dialog->open();
}

void MainWindow::saveSessionTo(const fs::path& file)
{
    Session saved = session();
    m_sessionFile = file;
    const fs::path temporary = m_workspace->isTemporary(saved.trace) ? saved.trace : fs::path();
    if (!temporary.empty()) // a recording that nobody named lives on beside the session
        saved.trace = freeName(file);
    std::vector<fs::path> read = inputFiles();
    read.push_back(m_workspace->sources().replay);
    m_saveJob.start([saved, temporary, file, read](const JobContext&) -> Result<Saved> {
        WINNOW_TRY_VOID(checkOutput(file, read, std::nullopt));
        if (!temporary.empty())
            WINNOW_TRY_VOID(copyFileAtomically(temporary, saved.trace));
        WINNOW_TRY_VOID(writeSession(saved, file));
        return Saved{file, temporary, saved.trace};
    });
    addRecent(shown(file));
}

void MainWindow::openSession(const fs::path& file)
{
    if (!restore(file))
        return;
    m_sessionFile = file;
    addRecent(shown(file));
}

bool MainWindow::restore(const fs::path& file)
{
    auto read = readSession(file);
    if (!read) {
        refuse(QString::fromStdString(read.error().message), {tr("Open…"), [this] { chooseFiles(); }});
        return false;
    }
    std::error_code error;
    const bool hasTrace = !read->trace.empty() && fs::exists(read->trace, error);
    const bool hasReplay = !read->replay.empty() && fs::exists(read->replay, error);
    if (!hasTrace && !hasReplay) {
        const fs::path& gone = read->trace.empty() ? read->replay : read->trace;
        refuse(gone.empty()
                   ? tr("The session '%1' names no recording and no replay; open one and save it again.").arg(shown(file))
                   : tr("The recording '%1' of this session is not there any more; record it again or put it beside "
                        "the session.")
                         .arg(shown(gone)),
               {tr("Record…"), [this, model = read->model, text = read->text] { openRecordDialog(model, text); }});
        return false;
    }
    m_workspace->close();
    m_workspace->setSpecs(read->policies);
    begin();
    m_workspace->setPrompt(read->prompt);
    m_openingSession = std::move(*read);
    if (hasTrace)
        m_workspace->openTrace(m_openingSession->trace);
    else
        m_workspace->openReplays({m_openingSession->replay});
    chooseTheme(m_openingSession->theme);
    m_maps->setScale(m_openingSession->scale);
    m_viewBar->setScale(m_openingSession->scale);
    takeWindowSizes(m_openingSession->window);
    return true;
}

/// The selection can only be set once its tokens and policies are there; before, it would be clamped away.
void MainWindow::applySession()
{
    if (!m_openingSession || m_selection->tokenCount() == 0 || !m_workspace->data().replay)
        return;
    Session session = *std::exchange(m_openingSession, std::nullopt);
    session.selection.lanes = views::lanesThere(m_workspace->data(), session.selection.lanes);
    m_selection->setState(session.selection);
    m_followed = -1;
    if (const auto& [maps, lower] = session.window.splitter; maps > 0 || lower > 0)
        m_center->setSizes({maps, lower});
    m_leftDock->setVisible(session.window.leftShown && !m_narrow);
    m_textDock->setVisible(session.window.textShown);
}

} // namespace winnow::app
