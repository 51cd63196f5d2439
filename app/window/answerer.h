// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the answers of the tab Answers: lets the model answer a question once for every visible policy, in the background. GUI
// thread.
#pragma once

#include "app/work/workspace.h"
#include "views/answers/answers_tab.h"
#include "views/state/latest_job.h"

#include <QObject>

#include <filesystem>
#include <functional>
#include <memory>

namespace winnow::app {

class Answerer : public QObject {
    Q_OBJECT
public:
    /// All must outlive this object. `models` gives the folders in which the recorded model may be, the likeliest first. It is
    /// called before every question.
    Answerer(Workspace* workspace, views::Selection* selection, views::AnswersTab* tab,
             std::function<std::vector<std::filesystem::path>()> models);

    void ask(const views::AnswerWish& wish);
    void cancel() { m_job.cancel(); } ///< the tab says that it was stopped
    void stop();                      ///< the same without a word
    bool isRunning() const { return m_job.isRunning(); }
    /// The command that asks what the tab asks now; empty where the recorded tokens cannot be made again. The first time it looks
    /// for the recorded model, some tenths of a second for every one that it may be.
    QString commandLine();

signals:
    void progressed(const QString& text, double fraction); ///< 0 to 1; "" and −1 when it has ended
    void answered();                                       ///< the answers are in the tab

private:
    struct Said;
    using Answers = std::shared_ptr<const Said>;
    void arrived(Result<Answers> answers);
    std::vector<int> askedRows(QString* refused = nullptr) const;
    std::filesystem::path modelInCommand();

    Workspace* m_workspace;
    views::Selection* m_selection;
    views::AnswersTab* m_tab;
    std::function<std::vector<std::filesystem::path>()> m_models;
    std::vector<int> m_asked;      ///< rows of the policies that the latest question was put to
    std::filesystem::path m_model; ///< that `m_of` was recorded from, where it was found
    std::shared_ptr<const TraceInfo> m_of;
    views::LatestJob<Answers> m_job;
};

} // namespace winnow::app
