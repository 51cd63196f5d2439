// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/session_keeper.h"

#include "core/io/atomic_file.h"
#include "core/io/output_file.h"
#include "core/replay/replay_file.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString shown(const fs::path& path) { return QString::fromStdString(path.string()); }

/// Where the recording of a session, or its runs, go: beside `session`, under its name where nothing is there yet.
fs::path freeName(const fs::path& session, const std::string& what = {})
{
    std::error_code error;
    const std::string stem = session.stem().string() + what;
    fs::path name = session.parent_path() / (stem + ".h5");
    for (int number = 2; fs::exists(fs::symlink_status(name, error)); ++number)
        name = session.parent_path() / fmt::format("{}-{}.h5", stem, number);
    return name;
}

/// The file of runs that the session in `file` names, if it was made for that session: it lies beside it, under its name.
fs::path ownRuns(const fs::path& file)
{
    const auto session = readSession(file);
    if (!session || session->runs.parent_path() != fs::absolute(file).parent_path())
        return {};
    const std::string name = session->runs.filename().string(), stem = file.stem().string() + "-runs";
    const bool own = session->runs == session->runs.parent_path() / (stem + ".h5") ||
                     (name.starts_with(stem + "-") && session->runs.extension() == ".h5");
    return own ? session->runs : fs::path();
}

/// Whether another session in the folder of `session` names `runs`.
bool areRunsOfAnother(const fs::path& runs, const fs::path& session)
{
    std::error_code error;
    for (fs::directory_iterator it(session.parent_path(), error), end; !error && it != end; it.increment(error)) {
        if (it->path().extension() != session.extension() || it->path().filename() == session.filename())
            continue;
        const auto other = readSession(it->path());
        if (!other || other->runs == runs) // one that cannot be read may name them
            return true;
    }
    return bool(error);
}

/// Replays of at most so many bytes are stored beside their session.
constexpr double kSmallReplay = 64e6;

/// Where the replay of a session goes: beside it, under its name.
fs::path replayName(const fs::path& session) { return fs::path(session).replace_extension(".replay.h5"); }

/// Finished, and small enough to be stored with every session.
bool isWorthStoring(const ReplayResult& replay)
{
    double bytes = 0;
    for (const auto& policy : replay.policies) {
        if (policy->tokens == 0 || policy->stepsDone < policy->tokens)
            return false;
        bytes += 6.0 * 4 * policy->layers * policy->lanes * policy->tokens +
                 (policy->selects() ? double(policy->layers) * policy->lanes * policy->tokens * policy->pageBytes() : 0);
    }
    return bytes > 0 && bytes <= kSmallReplay;
}

} // namespace

SessionKeeper::SessionKeeper(Workspace* workspace, SessionSource source, Band* offer, QWidget* window)
    : QObject(window), m_workspace(workspace), m_source(std::move(source)), m_offer(offer), m_window(window),
      m_saveJob(
          [this](Result<Saved> answer) {
              if (!answer) {
                  emit notSaved(QString::fromStdString(answer.error().message));
                  return;
              }
              if (!answer->from.empty() && m_workspace->sources().trace == answer->from)
                  m_workspace->moveTrace(answer->to);
              if (answer->shown)
                  m_workspace->stored(answer->replay, *answer->shown);
              if (answer->runs)
                  m_workspace->stored(answer->runsFile, *answer->runs);
              if (!answer->swept.empty())
                  m_workspace->deleted(answer->swept);
              emit saved(shown(answer->file));
          },
          {}, views::enginePool())
{
    connect(&m_timer, &QTimer::timeout, this, &SessionKeeper::keepNow);
    connect(m_workspace, &Workspace::settled, this, &SessionKeeper::keepNow);
}

SessionKeeper::~SessionKeeper() = default;

// --- against a crash

void SessionKeeper::keepIn(const fs::path& folder)
{
    constexpr int kPause = 5000; // ms
    m_autosave = std::make_unique<Autosave>(folder);
    m_timer.start(kPause);
    m_leftover = findLeftover(folder);
    if (m_leftover)
        m_offer->show(Band::Kind::Warning,
                      tr("Winnow ended without closing its window; its session of %1 can be brought back.")
                          .arg(QLocale().toString(m_leftover->written, QLocale::ShortFormat)),
                      {{tr("Bring back"), [this] { bringBack(); }}, {tr("Discard"), [this] { discardLeftover(); }}});
}

void SessionKeeper::keepNow()
{
    const Sources& sources = m_workspace->sources();
    if (m_autosave && !m_opening && (!sources.trace.empty() || !sources.replay.empty()))
        m_autosave->keep(m_source.now());
}

void SessionKeeper::bringBack()
{
    if (!m_leftover)
        return;
    const fs::path file = m_leftover->file;
    if (restore(file)) // else it stays where it is
        m_autosave->adopt(std::move(*m_leftover));
    m_leftover.reset();
}

void SessionKeeper::discardLeftover()
{
    if (m_leftover)
        discard(std::move(*m_leftover));
    m_leftover.reset();
}

void SessionKeeper::begin()
{
    m_file.clear();
    m_opening.reset();
    emit left();
}

void SessionKeeper::forget()
{
    begin();
    if (m_autosave)
        m_autosave->forget();
}

void SessionKeeper::end() { m_autosave.reset(); }

// --- saving

void SessionKeeper::save(bool asNew)
{
    if (!asNew && !m_file.empty())
        return saveTo(m_file);
    auto* dialog = new QFileDialog(m_window, tr("Save session"), QString(), tr("Sessions (*.winnow)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("winnow"));
    const Session shown = m_source.now();
    const QString name = shown.textName.isEmpty() ? QString::fromStdString(shown.trace.filename().string()) : shown.textName;
    dialog->selectFile(QFileInfo(name).completeBaseName() + QStringLiteral(".winnow"));
    connect(this, &SessionKeeper::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { saveTo(path.toStdString()); });
    connect(dialog, &QFileDialog::rejected, this, [this] { emit notSaved({}); });
    dialog->open();
}

void SessionKeeper::saveTo(const fs::path& file)
{
    Session session = m_source.now();
    m_file = file;
    const fs::path temporary = m_workspace->isTemporary(session.trace) ? session.trace : fs::path();
    if (!temporary.empty()) // a recording that nobody named lives on beside the session
        session.trace = freeName(file);
    std::vector<fs::path> read = m_source.inputs();
    read.push_back(m_workspace->sources().replay);
    std::shared_ptr<const ReplayResult> replay;
    if (!m_workspace->isReplayInFile() && m_workspace->replays() && isWorthStoring(*m_workspace->replays()))
        replay = m_workspace->replays();
    // Runs that no file holds yet live on beside the session, too.
    const auto runs = session.runs.empty() ? m_workspace->runs()->finished(m_workspace->prompt()) : nullptr;
    if (runs)
        session.runs = freeName(file, "-runs");
    m_saveJob.start([session, temporary, file, read, replay, runs](const JobContext&) mutable -> Result<Saved> {
        WINNOW_TRY_VOID(checkOutput(file, read, std::nullopt));
        fs::path swept = ownRuns(file);
        if (runs)
            WINNOW_TRY_VOID(writeReplay(*runs, session.runs));
        if (!temporary.empty())
            WINNOW_TRY_VOID(copyFileAtomically(temporary, session.trace));
        // A name that another file has is no reason to refuse the session: its policies are replayed when it is opened.
        if (const fs::path name = replayName(file); replay && checkOutput(name, {}, WrittenKind::Replay)) {
            WINNOW_TRY_VOID(writeReplay(*replay, name));
            session.replay = name;
        } else {
            replay = nullptr;
        }
        WINNOW_TRY_VOID(writeSession(session, file));
        std::error_code error;
        if (swept.empty() || swept == session.runs || areRunsOfAnother(swept, fs::absolute(file)) || !fs::remove(swept, error))
            swept.clear();
        return Saved{.file = file,
                     .from = temporary,
                     .to = session.trace,
                     .replay = replay ? session.replay : fs::path(),
                     .shown = replay,
                     .runsFile = session.runs,
                     .runs = runs,
                     .swept = swept};
    });
    emit named(shown(file));
}

// --- opening

void SessionKeeper::open(const fs::path& file)
{
    if (!restore(file))
        return;
    m_file = file;
    emit named(shown(file));
}

bool SessionKeeper::restore(const fs::path& file)
{
    auto read = readSession(file);
    if (!read) {
        emit refused(QString::fromStdString(read.error().message));
        return false;
    }
    std::error_code error;
    const bool hasTrace = !read->trace.empty() && fs::exists(read->trace, error);
    const bool hasReplay = !read->replay.empty() && fs::exists(read->replay, error);
    if (!hasTrace && !hasReplay) {
        const fs::path missing = read->trace.empty() ? read->replay : read->trace;
        m_incomplete = *read;
        m_incompleteFile = file;
        emit gone(missing.empty()
                      ? tr("The session '%1' names no recording and no replay; open one and save it again.").arg(shown(file))
                      : tr("The recording '%1' of this session is not there any more; say where it is now, or record it again.")
                            .arg(shown(missing)),
                  shown(read->model), shown(read->text));
        return false;
    }
    if (!hasReplay)
        read->replay.clear();
    if (!hasTrace)
        read->trace.clear();
    show(std::move(*read));
    return true;
}

void SessionKeeper::show(Session session)
{
    emit beginning();
    m_workspace->close();
    m_workspace->setSpecs(session.policies);
    m_workspace->setPrompt(session.prompt);
    m_opening = std::move(session);
    const std::vector<fs::path> replays =
        m_opening->replay.empty() ? std::vector<fs::path>() : std::vector<fs::path>{m_opening->replay};
    m_workspace->openTrace(m_opening->trace, replays, m_opening->runs);
    emit opening(*m_opening);
}

void SessionKeeper::findRecording()
{
    if (!m_incomplete)
        return;
    auto* dialog =
        new QFileDialog(m_window, tr("Where is the recording?"), QString(), tr("Recordings (*.h5 *.hdf5);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(this, &SessionKeeper::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        Session session = *std::exchange(m_incomplete, std::nullopt);
        session.trace = path.toStdString();
        const fs::path file = m_incompleteFile;
        show(std::move(session));
        m_file = file;
    });
    dialog->open();
}

} // namespace winnow::app
