// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/autosave.h"

#include "core/io/atomic_file.h"

#include <QDir>
#include <QStandardPaths>
#include <QUuid>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString lockPath(const fs::path& session) { return QString::fromStdString(session.string() + ".lock"); }

/// A lock that stays with the process: only the system's word that the process is gone breaks it.
std::unique_ptr<QLockFile> makeLock(const fs::path& session)
{
    auto lock = std::make_unique<QLockFile>(lockPath(session));
    lock->setStaleLockTime(0);
    return lock;
}

} // namespace

fs::path stateFolder()
{
    const QString named = qEnvironmentVariable("XDG_STATE_HOME");
    if (QDir::isAbsolutePath(named))
        return fs::path(named.toStdString()) / "winnow";
    return fs::path(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation).toStdString()) / "state";
}

std::optional<Leftover> findLeftover(const fs::path& folder)
{
    const QDir dir(QString::fromStdString(folder.string()));
    for (const QFileInfo& info : dir.entryInfoList({QStringLiteral("unsaved-*.winnow")}, QDir::Files, QDir::Time)) {
        Leftover found{info.filePath().toStdString(), info.lastModified(), makeLock(info.filePath().toStdString())};
        if (found.lock->tryLock(0))
            return found;
    }
    return std::nullopt;
}

void discard(Leftover leftover)
{
    std::error_code error;
    fs::remove(leftover.file, error);
}

Autosave::Autosave(fs::path folder)
    : m_folder(std::move(folder)), m_job(
                                       [this](const Result<bool>& kept) {
                                           if (!kept)
                                               m_written.clear();
                                       },
                                       {}, views::enginePool())
{
}

Autosave::~Autosave() { forget(); }

void Autosave::keep(const Session& session)
{
    if (!m_lock) {
        const QString path = QString::fromStdString(m_folder.string());
        if (!QDir().mkpath(path))
            return;
        QFile::setPermissions(path,
                              QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner); // names of files are nobody's business
        m_place->file =
            m_folder / fmt::format("unsaved-{}.winnow", QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString());
        auto lock = makeLock(m_place->file);
        if (!lock->tryLock(0))
            return;
        m_lock = std::move(lock);
    }
    std::string text = sessionText(session, m_place->file);
    if (text == m_written)
        return;
    m_written = text;
    {
        const std::lock_guard guard(m_place->mutex);
        m_place->wanted = true;
    }
    m_job.start([place = m_place, text = std::move(text)](const JobContext& job) -> Result<bool> {
        const std::lock_guard guard(place->mutex);
        if (!place->wanted || job.stopRequested())
            return false;
        WINNOW_TRY_VOID(writeFileAtomically(place->file, text));
        return true;
    });
}

void Autosave::forget()
{
    const std::lock_guard guard(m_place->mutex); // waits for a file that is being written
    m_place->wanted = false;
    m_written.clear();
    if (std::error_code error; !m_place->file.empty())
        fs::remove(m_place->file, error);
}

void Autosave::adopt(Leftover leftover)
{
    forget();
    m_job.stop();
    m_place = std::make_shared<Place>();
    m_place->file = std::move(leftover.file);
    m_lock = std::move(leftover.lock);
}

} // namespace winnow::app
