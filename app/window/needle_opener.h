// SPDX-License-Identifier: GPL-3.0-or-later
// Opens files of answers as heat maps, and the trial behind an answer as a recording: the prompt is made again, recorded in the
// background, replayed under the policies that were asked, and its needle marked. GUI thread.
#pragma once

#include "app/work/needle_trial.h"
#include "app/work/workspace.h"
#include "core/tasks/answer.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"
#include "views/style/theme.h"

#include <QObject>
#include <QPointer>
#include <QStringList>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

class QWidget;

namespace winnow::app {

class NeedleDialog;

class NeedleOpener : public QObject {
    Q_OBJECT
public:
    /// All outlive this object; `window` carries the dialog.
    NeedleOpener(Workspace* workspace, views::Selection* selection, QWidget* window);

    void open(const QStringList& files);
    void openTrial(const tasks::Answer& answer);
    void setTheme(const views::Theme& theme);
    void cancel() { m_trialJob.cancel(); }
    void stop(); ///< silently
    NeedleDialog* dialog() const;
    void showDialog(); ///< again, after a trial was opened

signals:
    void roomWanted();                     ///< a trial is about to be recorded; what is shown goes into a tab
    void beginning();                      ///< a trial is about to be recorded
    void opened();                         ///< the heat maps are there
    void refused(const QString& sentence); ///< nothing of the files can be shown
    void progressed(const QString& text, double fraction);
    void trialShown(); ///< recorded, replayed, and its needle marked

private:
    using Answers = std::shared_ptr<const std::vector<tasks::Answer>>;
    void show(const Answers& answers);
    void record(const Result<NeedleTrial>& trial);
    void giveUp(); ///< the trial was not recorded
    void mark();

    Workspace* m_workspace;
    views::Selection* m_selection;
    QWidget* m_window;
    views::Theme m_theme;
    QString m_file; ///< its name
    QPointer<NeedleDialog> m_dialog;
    tasks::Answer m_answer; ///< whose trial is opened
    std::filesystem::path m_model;
    std::optional<NeedleTrial> m_pending; ///< is being recorded
    views::LatestJob<Answers> m_readJob;
    views::LatestJob<NeedleTrial> m_trialJob;
};

} // namespace winnow::app
