// SPDX-License-Identifier: GPL-3.0-or-later
// Runs (closed loop): the model reads the recorded tokens again while policies evict from its real cache. The job, and what it
// found out so far. Knows no widget. GUI thread; the model runs in the background.
#pragma once

#include "app/work/live_value.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"
#include "views/state/latest_job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>

#include <filesystem>
#include <memory>
#include <vector>

namespace winnow::app {

/// What to run.
struct RunWish {
    std::shared_ptr<const TraceInfo> recording;
    std::vector<PolicySpec> policies;
    int prompt = 0;
    std::vector<std::filesystem::path> models; ///< where the recorded model may be, likeliest first
};

/// What was run over one recording.
struct KeptRuns {
    std::vector<std::shared_ptr<const ReplayResult>> runs; ///< one policy each, finished
    std::filesystem::path file, model;
};

class PolicyRuns : public QObject {
    Q_OBJECT
public:
    explicit PolicyRuns(QObject* parent = nullptr);

    /// Nothing else may run. An older run of the same policy and prompt stays until the new one has come to its end.
    void start(RunWish wish);
    bool isRunning() const { return m_job.isRunning(); }
    void cancel() { m_job.cancel(); } ///< `stopped` follows; nothing of it stays
    void clear();                     ///< other tokens: stops, and forgets all
    /// Off: runs are shown when they are finished.
    void setLiveFill(bool on) { m_liveFill = on; }

    /// Runs of the same tokens that were read from a file, which is named so that it need not be written again. Emits
    /// nothing: the caller, who opens them with other things, tells.
    void take(std::shared_ptr<const ReplayResult> runs, const std::filesystem::path& file);
    void remove(const PolicyReplay& run);
    KeptRuns kept() const { return {m_runs, m_file, m_model}; }
    void bringBack(const KeptRuns& kept); ///< of the recording that is shown now

    /// The replays with the runs of their tokens, layers and prompt after them, as joinReplays puts them; the replays themselves
    /// where there are no such runs. `replays` may be null: then runs alone.
    std::shared_ptr<const ReplayResult> beside(const std::shared_ptr<const ReplayResult>& replays) const;
    /// All finished runs of one prompt in one result; null without any.
    std::shared_ptr<const ReplayResult> finished(int prompt) const;
    const std::filesystem::path& file() const { return m_file; } ///< that holds them; empty: none does
    void setFile(const std::filesystem::path& file) { m_file = file; }
    /// Of the latest run: the model's place; empty before.
    const std::filesystem::path& model() const { return m_model; }

signals:
    void changed(); ///< beside() gives something else
    void progressed(const QString& what, double fraction);
    void warned(const QString& sentence);
    void failed(const QString& sentence);
    void modelWanted(const QString& sentence); ///< the recorded model was not found, and nothing ran
    void stopped(const QString& sentence);
    void ended(); ///< nothing runs any more; after the others

private:
    struct Answer {
        std::shared_ptr<const ReplayResult> runs;
        std::filesystem::path model;
        bool noModel = false;
        std::string sentence; ///< where there was no model
    };
    void answered(Result<Answer> answer);
    void keep(const std::shared_ptr<const ReplayResult>& runs);

    std::vector<std::shared_ptr<const ReplayResult>> m_runs; ///< one policy each, finished
    std::shared_ptr<const ReplayResult> m_partial;           ///< of what runs
    std::filesystem::path m_file, m_model;
    QString m_name;
    bool m_liveFill = true;
    QElapsedTimer m_time;
    views::LatestJob<Answer> m_job;
    LiveValue<std::shared_ptr<const ReplayResult>> m_look;
    LiveValue<QString> m_warnings;
};

} // namespace winnow::app
