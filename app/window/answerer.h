// SPDX-License-Identifier: GPL-3.0-or-later
// Answers side by side: asks the model, in the background, what the tab Answers wants, once for every visible policy. GUI thread.
#pragma once

#include "app/work/workspace.h"
#include "views/answers/answers_tab.h"
#include "views/state/latest_job.h"

#include <QObject>

#include <filesystem>
#include <functional>
#include <memory>

namespace winnow {
struct TextAnswers;
} // namespace winnow

namespace winnow::app {

class Answerer : public QObject {
    Q_OBJECT
public:
    /// All outlive this object. `models`: where the recorded model may be, likeliest first, asked before every answer.
    Answerer(Workspace* workspace, views::Selection* selection, views::AnswersTab* tab,
             std::function<std::vector<std::filesystem::path>()> models);

    void ask(const views::AnswerWish& wish);
    void cancel() { m_job.cancel(); }
    void stop(); ///< silently
    bool isRunning() const { return m_job.isRunning(); }
    /// The line that says the same; what the tab asks for now.
    QString commandLine() const;

signals:
    void progressed(const QString& text, double fraction); ///< "" and −1: it has ended
    void answered();

private:
    using Answers = std::shared_ptr<const TextAnswers>;
    void arrived(Result<Answers> answers);
    std::vector<PolicySpec> visibleSpecs() const;

    Workspace* m_workspace;
    views::Selection* m_selection;
    views::AnswersTab* m_tab;
    std::function<std::vector<std::filesystem::path>()> m_models;
    std::vector<int> m_asked; ///< rows of the policies of the latest question
    views::LatestJob<Answers> m_job;
};

} // namespace winnow::app
