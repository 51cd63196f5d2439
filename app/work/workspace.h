// SPDX-License-Identifier: GPL-3.0-or-later
// What is open and what is being made of it: recording, trace, policies, replay. Runs the engine in the background and tells the
// window when there is something new to show. Knows no widget, so tests drive it alone.
#pragma once

#include "app/work/growing_trace.h"
#include "app/work/live_value.h"
#include "app/work/opening.h"
#include "app/work/pause.h"
#include "app/work/policy_runs.h"
#include "app/work/splice.h"
#include "app/work/stored_policies.h"
#include "core/model/session/record.h"
#include "views/state/latest_job.h"
#include "views/state/view_data.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTemporaryDir>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace winnow::app {

/// Where what is open came from; empty where it did not come from a file.
struct Sources {
    std::filesystem::path model, text, trace, replay;
    QString modelName, textName;
    bool isChat = false;                            ///< it was recorded here, of the text as the model's chat template writes it
    std::optional<std::pair<int, int>> layers = {}; ///< likewise, of these layers alone, first to last
};

/// A recording, or runs, that go when the window closes.
struct AtStake {
    QString name;             ///< of the text
    bool running = false;     ///< false: it is finished, and lies in the temporary folder
    std::uintmax_t bytes = 0; ///< of the file, so far
    bool runs = false;        ///< the recording lasts, and its runs are in no file
};

/// A sentence about one policy, or how far its replay is.
struct PolicyState {
    QString tag;          ///< "updating", "waiting"; "" = none
    double fraction = -1; ///< 0…1 of its replay; −1 = none
    QString problem;      ///< why it cannot be replayed; "" = none
    friend bool operator==(const PolicyState&, const PolicyState&) = default;
};

/// An open recording that is not shown, with what was computed over it.
struct OpenPlace {
    views::ViewData data; ///< without the runs
    Sources sources;
    KeptRuns runs;
    std::vector<StoredPolicies> files;
    std::optional<int> askedPrompt;
    int prompt = 0;
    bool isDemo = false; ///< the recording of the demo, which nobody needs to keep
};

/// GUI thread. Long work never runs on it; of two requests of one kind the newer wins.
class Workspace : public QObject {
    Q_OBJECT
public:
    explicit Workspace(QObject* parent = nullptr);
    ~Workspace() override;

    /// Replays, and behind them the runs of the same tokens and prompt.
    const views::ViewData& data() const { return m_shown; }
    const Sources& sources() const { return m_sources; }
    const std::vector<PolicySpec>& specs() const { return m_specs; }
    /// As data().replay->policies: of specs(), then of the runs.
    std::vector<PolicyState> policyStates() const;
    PolicyRuns* runs() { return &m_runs; }
    const PolicyRuns* runs() const { return &m_runs; }
    /// Runs `policies` for real over the open recording, unless a run is going on. `models`: see RunWish.
    void run(std::vector<PolicySpec> policies, std::vector<std::filesystem::path> models);
    int prompt() const { return m_prompt; }
    bool isEmpty() const { return !m_data.info && !m_shown.replay && !isWorking() && !m_isPaused; }
    bool isRecording() const { return m_recordJob.isRunning() && !m_isPaused; }
    /// A recording was stopped on its way and can go on at the token where it stands.
    bool isPaused() const { return m_isPaused; }
    bool isReplaying() const { return m_replayJob.isRunning() && !m_following; }
    bool isWorking() const { return isRecording() || isReplaying() || m_openJob.isRunning() || m_runs.isRunning(); }
    /// The latest step of which everything that is shown is known: tokens recorded, or the slowest first replay.
    int leadingStep() const;

    /// Records the demo model over the first sample text into a temporary folder and replays the demo's policies.
    void startDemo();
    /// Records, then replays `specs()` with the prompt (half of the text unless setPrompt said otherwise).
    /// An empty `options.out` means the temporary folder. `textFile`: where the text was read from; may be empty.
    void record(RecordOptions options, const std::filesystem::path& textFile = {});
    /// Opens a trace and replays `specs()` over it, or shows `replays`, if given, where they fit. Runs among the replays stand
    /// beside them; without replays, the runs' policies are replayed. `ownRuns`: runs that a session keeps, which change no
    /// specs.
    void openTrace(const std::filesystem::path& trace, const std::vector<std::filesystem::path>& replays = {},
                   const std::filesystem::path& ownRuns = {});
    /// Opens replays; of several with the same tokens the policies stand side by side. The trace is looked for beside it.
    void openReplays(const std::vector<std::filesystem::path>& replays);

    /// What the next recording or trace will be replayed with; replays now if a trace is open and something is missing.
    void setSpecs(std::vector<PolicySpec> specs);
    void setPrompt(std::optional<int> prompt); ///< nothing = half of the text
    /// Off (reduced motion): pictures and text are shown when they are finished. Progress is told all the same.
    void setLiveFill(bool on)
    {
        m_liveFill = on;
        m_runs.setLiveFill(on);
    }
    /// Asks what runs to stop; `stopped` follows. A recording is held where it stands, the second time it is given up.
    void stop();
    void resume();            ///< goes on with what was stopped, a held recording at its next token
    void discardUnfinished(); ///< drops the policies (or the recording) that were stopped
    void close();
    OpenPlace place() const; ///< what is shown
    /// Shows it in place of what is open; policies that it lacks are replayed. While nothing runs.
    void show(const OpenPlace& place);
    /// What close() throws away. Nothing of the demo: it is made again in seconds.
    std::optional<AtStake> atStake() const;

    /// A place for a recording that nobody gave a name.
    std::filesystem::path temporaryTrace(const QString& name);
    bool isTemporary(const std::filesystem::path& path) const;
    /// The trace was copied to a lasting place (a session saved it).
    void moveTrace(const std::filesystem::path& trace) { m_sources.trace = trace; }
    /// Where the model and the text of what is open lie, as a session tells; a recording only has their names.
    void setOrigin(const std::filesystem::path& model, const std::filesystem::path& text)
    {
        m_sources.model = model;
        m_sources.text = text;
    }
    /// The replays that are shown, without the runs; null without any.
    const std::shared_ptr<const ReplayResult>& replays() const { return m_data.replay; }
    /// `result`, of what is shown, lies in this file now.
    void stored(const std::filesystem::path& file, const ReplayResult& result);
    void deleted(const std::filesystem::path& file); ///< no policies lie in it any more
    /// Whether the file that sources() names holds the replays, each under its number.
    bool isReplayInFile() const;
    const std::vector<StoredPolicies>& files() const { return m_files; }

signals:
    void taking(); ///< what was opened takes the place of what is shown
    void dataChanged();
    void statesChanged();                                  ///< of policies
    void jobChanged(const QString& text, double fraction); ///< "" = nothing runs; fraction −1 = unknown
    void warned(const QString& sentence);
    void failed(const QString& sentence);
    void stopped(const QString& sentence);
    void settled(); ///< work was begun, and nothing runs any more

private:
    void connectRuns();
    void tellData(); ///< data() changes for all
    void recorded(Result<std::shared_ptr<const Trace>> trace);
    void held(int tokens);
    void showPreview(std::shared_ptr<const TraceInfo> info);
    void planBlank();  ///< a replay of no step yet, of the text that is being recorded
    void fillPrompt(); ///< its steps up to the prompt's end, at which nothing leaves
    void follow();     ///< replays what is being recorded, as far as it is
    void endFollowing();
    bool takeFollowed(); ///< true: the replay that followed the recording goes on to its end
    void opened(Result<Opened> opened);
    void startReplay();
    void checkSpecs();
    void replayed(Result<std::shared_ptr<const ReplayResult>> result);
    void showPartial(std::shared_ptr<const ReplayResult> partial);
    void take(const Opened& opened);
    /// `replay`: opened with it, may be null. See shownLayers.
    void setTrace(const std::shared_ptr<const Trace>& trace, const ReplayResult* replay = nullptr);
    void setTag(const QString& tag, double fraction);
    void progress(const QString& what, double fraction);
    void abandon(); ///< stops everything; nothing of it is delivered any more
    void begin(const QString& what);
    void endJob();
    void report(const Error& error);

    views::ViewData m_data;  ///< without the runs
    views::ViewData m_shown; ///< as it was told last
    PolicyRuns m_runs;
    Sources m_sources;
    std::vector<PolicySpec> m_specs;
    std::vector<PolicyState> m_states;
    std::optional<int> m_askedPrompt;
    int m_prompt = 0;
    std::optional<RecordOptions> m_recordOptions; ///< of the latest recording, for resume
    std::filesystem::path m_textFile;             ///< of the latest recording
    views::ViewData m_dataBefore;                 ///< what was open before it, brought back when it fails
    Sources m_sourcesBefore;
    std::vector<StoredPolicies> m_files; ///< that were read or written, the latest first
    ReplayPlan m_plan;
    std::vector<int> m_missing; ///< policies that the running replay computes
    QElapsedTimer m_jobTime;
    double m_jobFraction = 0, m_jobFrom = 0; ///< now, and when the clock was started
    QString m_jobName;
    bool m_liveFill = true;
    bool m_isDemo = false;                                      ///< of the latest recording
    std::shared_ptr<Pause> m_pause = std::make_shared<Pause>(); ///< of the running recording
    bool m_isPaused = false, m_pauseAsked = false;
    bool m_busy = false;                     ///< work was begun and `settled` is still to come
    bool m_following = false;                ///< m_replayJob replays m_growing
    std::shared_ptr<GrowingTrace> m_growing; ///< what is being recorded, where memory holds it
    std::unique_ptr<QTemporaryDir> m_folder;
    int m_recordings = 0;

    views::LatestJob<std::shared_ptr<const Trace>> m_recordJob;
    views::LatestJob<Opened> m_openJob;
    views::LatestJob<std::shared_ptr<const ReplayResult>> m_replayJob;
    LiveValue<std::shared_ptr<const TraceInfo>> m_preview;
    LiveValue<std::shared_ptr<GrowingTrace>> m_begun;
    LiveValue<int> m_tokensDone, m_held;
    LiveValue<std::shared_ptr<const ReplayResult>> m_partial;
    LiveValue<QString> m_warnings, m_size;
};

} // namespace winnow::app
