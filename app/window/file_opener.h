// SPDX-License-Identifier: GPL-3.0-or-later
// Opens what the user names, drops or chooses: looks into the files, and tells the workspace to open or to record. Keeps the list
// of recent files. GUI thread; files are looked into in the background.
#pragma once

#include "app/window/file_drop.h"
#include "app/work/workspace.h"
#include "views/state/latest_job.h"

#include <QObject>
#include <QStringList>

#include <filesystem>
#include <functional>
#include <vector>

class QMimeData;
class QWidget;

namespace winnow::app {

class FileOpener : public QObject {
    Q_OBJECT
public:
    /// Both outlive this object; `window` carries the dialogs.
    FileOpener(Workspace* workspace, QWidget* window);

    /// As dropped or named on the command line; several at once go together.
    void openPaths(const QStringList& paths);
    void chooseFiles(const std::function<void()>& chosen = {}); ///< `chosen`: before they are opened
    void chooseModel();
    /// Empty paths: the model and the text that are open.
    void openRecordDialog(const std::filesystem::path& model, const std::filesystem::path& text);
    void startDemo();
    void stop(); ///< what is being looked into is not opened any more

    /// Files that are still there, newest first.
    QStringList recent() const;
    void addRecent(const QString& path);

signals:
    void roomWanted();                            ///< the demo is about to be recorded; what is shown goes into a tab
    void beginning();                             ///< something else is about to be opened
    void besideWanted();                          ///< what is opened next gets a tab of its own
    void settled();                               ///< the workspace has, and no more recordings are to be opened
    void sessionChosen(const QString& path);      ///< the session is still to be opened
    void answersChosen(const QStringList& paths); ///< likewise files of answers
    void refused(const QString& sentence);        ///< nothing was opened
    void remarked(const QString& sentence);       ///< it was opened, but for what the sentence says
    void asked();                                 ///< the record dialog asks for what is missing
    void demoStarted();
    void recentChanged(const QStringList& paths);

private:
    void openSorted(const Result<SortedFiles>& files);
    void openMore();
    void recordOver(const SortedFiles& files);
    /// Whether the files hold lifetimes; they are then policies of what is open, or of what opens.
    bool takeLifetimes(const SortedFiles& files);

    Workspace* m_workspace;
    QWidget* m_window;
    views::LatestJob<SortedFiles> m_sortJob;
    std::vector<std::filesystem::path> m_more; ///< recordings that were given with what is shown, for tabs beside it
};

/// The user's model of that name, else the demo model.
std::filesystem::path modelNamed(const std::string& name);
/// The local files of a drag.
QStringList localPaths(const QMimeData* data);
/// What dropping them would do, in one sentence.
QString dropWords(const QStringList& paths);

} // namespace winnow::app
