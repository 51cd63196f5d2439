// SPDX-License-Identifier: GPL-3.0-or-later
// The model at work: recording, the demo or what the user chose, shown while it grows; and running policies for real. See
// workspace.h.
#include "app/cli/console.h"
#include "app/cli/demo.h"
#include "app/cli/file_kind.h"
#include "app/cli/shown_layers.h"
#include "app/work/preview.h"
#include "app/work/workspace.h"
#include "core/io/atomic_file.h"
#include "core/model/config/model_folder.h"
#include "core/replay/replay.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

/// A recording of so many bytes is held in memory, too, for its replay to follow it.
constexpr std::uint64_t kFollowedBytes = std::uint64_t{512} << 20;
constexpr int kBehind = 19;           ///< the nice value of a replay that follows
constexpr double kWorthEnding = 0.75; ///< of the steps: more than half of the work, which grows with their square

} // namespace

void Workspace::startDemo()
{
    auto options = demoRecording(temporaryTrace(QStringLiteral("demo")));
    if (!options)
        return report(options.error());
    options->chunk = 64; // small, for the text to appear while one looks
    if (auto specs = demoPolicies())
        setSpecs(std::move(*specs));
    setPrompt(std::nullopt);
    record(std::move(*options), demoText().value_or(fs::path()));
    m_isDemo = true;
}

void Workspace::record(RecordOptions options, const fs::path& textFile)
{
    const bool unfinished = m_recordOptions && !m_data.trace; // one that runs or was stopped: what was open before it stays that
    if (!unfinished) {
        m_dataBefore = m_data;
        m_sourcesBefore = m_sources;
    }
    abandon();
    if (options.out.empty())
        options.out = temporaryTrace(text(fs::path(options.textName).stem().string()));
    m_recordOptions = options;
    std::error_code error;
    m_textFile = textFile.empty() ? fs::path() : fs::absolute(textFile, error);
    m_isDemo = false;
    const QString model = text(modelName(options.model));
    begin(tr("Recording %1 over %2").arg(model, text(options.textName)));
    m_pause = std::make_shared<Pause>();
    m_recordJob.start([options, pause = m_pause, hold = m_held.feeder(), preview = m_preview.feeder(),
                       begun = m_liveFill ? m_begun.feeder() : nullptr, tokens = m_tokensDone.feeder(),
                       warn = m_warnings.feeder(),
                       announce = m_size.feeder()](const JobContext& job) -> Result<std::shared_ptr<const Trace>> {
        WINNOW_TRY(std::shared_ptr<const TraceInfo> info, previewTrace(options));
        preview(std::move(info));
        RecordHooks hooks;
        std::shared_ptr<GrowingTrace> growing;
        if (begun)
            hooks.begun = [&](const TraceInfo& recorded) {
                if (GrowingTrace::bytes(recorded) > kFollowedBytes)
                    return;
                growing = std::make_shared<GrowingTrace>(recorded, options.out, options.dtype != Dtype::Float32);
                begun(growing);
            };
        hooks.rows = [&](int layer, Rows what, std::span<const float> rows) {
            if (growing)
                growing->append(layer, what, rows);
        };
        hooks.advanced = [&](int done) { // everything up to here is in the file
            tokens(done);                // is told before the steps that come of it
            if (growing)
                growing->advance(done);
            pause->obey(job, [&] { hold(done); });
        };
        hooks.planned = [warn, announce](const RecordPlan& plan) {
            announce(tr("%1 MB").arg(static_cast<double>(plan.bytes) / 1e6, 0, 'f', plan.bytes < 10'000'000 ? 1 : 0));
            if (!plan.warnings.empty())
                warn(text(fmt::format("{}", fmt::join(plan.warnings, "; "))));
        };
        WINNOW_TRY_VOID(winnow::record(options, hooks, job));
        return Trace::open(options.out);
    });
}

void Workspace::held(int tokens)
{
    if (!m_pauseAsked)
        return; // it may go on already
    m_isPaused = true;
    m_data.tokensRecorded = tokens;
    tellData();
    emit stopped(
        tr("Stopped at token %1 of %2")
            .arg(text(grouped(tokens)), text(grouped(m_data.info ? static_cast<std::int64_t>(m_data.info->tokens.size()) : 0))));
    endJob();
}

void Workspace::showPreview(std::shared_ptr<const TraceInfo> info)
{
    m_sources = {};
    m_sources.model = m_recordOptions->model;
    m_sources.modelName = text(modelName(m_recordOptions->model));
    m_sources.text = m_textFile;
    m_sources.textName = text(m_recordOptions->textName);
    m_sources.isChat = !m_recordOptions->marks; // the template wrote its own
    m_sources.layers = m_recordOptions->layers;
    m_data = {};
    m_runs.clear();
    m_data.info = std::move(info);
    planBlank();
    tellData();
}

/// Maps and deck have their axes from the first token on, and are hatched: no step is computed.
void Workspace::planBlank()
{
    m_prompt = std::min(m_askedPrompt.value_or(demoPrompt(static_cast<int>(m_data.info->tokens.size()))),
                        static_cast<int>(m_data.info->tokens.size()));
    m_plan = planReplay(*m_data.info, nullptr, m_specs, m_prompt);
    m_data.replay = m_plan.shown;
    m_missing.clear();
    m_states.assign(m_specs.size(), {});
}

void Workspace::fillPrompt()
{
    if (m_data.trace || !m_data.replay)
        return;
    m_data.replay = withPrompt(*m_data.replay, m_data.tokensRecorded);
    m_plan.shown = m_data.replay;
}

// --- the replay follows the recorder

void Workspace::follow()
{
    if (!m_growing || !m_liveFill || m_data.trace || m_replayJob.isRunning())
        return;
    std::vector<PolicySpec> wanted;
    m_missing.clear();
    for (std::size_t i = 0; i < m_specs.size(); ++i) {
        const PolicyInfo* kind = findPolicy(m_specs[i].name);
        if (!kind || kind->oracle || !checkSpec(m_specs[i], m_growing->tokenCount(), m_prompt))
            continue; // nobody foresees what is not read yet
        wanted.push_back(m_specs[i]);
        m_missing.push_back(static_cast<int>(i));
    }
    if (wanted.empty())
        return;
    m_following = true;
    ReplayOptions options;
    options.prompt = m_prompt;
    options.device = "cpu"; // the other one records
    options.advanced = [feed = m_partial.feeder()](const ReplayResult& soFar) {
        feed(std::make_shared<const ReplayResult>(soFar));
    };
    m_replayJob.start([growing = m_growing, wanted, options](const JobContext& job) {
        Result<std::shared_ptr<const ReplayResult>> result = fail(ErrorCode::Cancelled, "the replay was not begun");
        std::thread([&] { // of its own, for it and those that it starts stay behind whatever records
            setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kBehind);
            result = replay(*growing, wanted, options, job);
        })
            .join();
        return result;
    });
}

void Workspace::endFollowing()
{
    if (m_growing)
        m_growing->end();
    m_growing.reset();
    if (std::exchange(m_following, false)) {
        m_replayJob.stop();
        m_partial.reset();
    }
}

/// Where most of its work is done. Else it begins again with all the machine's power, and its picture stays until then.
bool Workspace::takeFollowed()
{
    if (!m_following || m_missing.empty() || m_data.replay->prompt != m_prompt)
        return false;
    const PolicyReplay& one = *m_data.replay->policies[static_cast<std::size_t>(m_missing.front())];
    if (one.stepsDone < kWorthEnding * one.tokens)
        return false;
    m_following = false;
    begin(tr("Replay of %1 policies").arg(m_missing.size()));
    tellData();
    return true;
}

void Workspace::recorded(Result<std::shared_ptr<const Trace>> trace)
{
    m_preview.reset();
    m_tokensDone.reset();
    m_held.reset();
    m_isPaused = false;
    const bool stop = std::exchange(m_pauseAsked, false);
    if (trace) {
        m_sources.trace = m_recordOptions->out;
        setTrace(*trace);
        if (!takeFollowed()) {
            endFollowing();
            startReplay();
        }
        if (stop) // asked for while the last tokens were read
            m_replayJob.cancel();
        return;
    }
    endFollowing();
    if (trace.error().code == ErrorCode::Cancelled) {
        emit stopped(
            tr("Stopped at token %1 of %2").arg(m_data.tokensRecorded).arg(m_data.info ? m_data.info->tokens.size() : 0));
    } else {
        m_data = m_dataBefore;
        m_sources = m_sourcesBefore;
        tellData();
        report(trace.error());
    }
    endJob();
}

void Workspace::setTrace(const std::shared_ptr<const Trace>& trace, const ReplayResult* replay)
{
    const ShownLayers shown = shownLayers(trace, replay);
    m_data.trace = shown.trace;
    m_data.info = std::shared_ptr<const TraceInfo>(shown.trace, &shown.trace->info());
    if (!shown.remark.empty())
        emit warned(text(shown.remark));
    m_data.tokensRecorded = trace->tokenCount();
    m_prompt = m_askedPrompt.value_or(demoPrompt(trace->tokenCount()));
}

void Workspace::discardUnfinished()
{
    if (isWorking())
        return;
    if (!m_data.trace && m_recordOptions) {
        m_recordJob.stop();
        endFollowing();
        m_isPaused = m_pauseAsked = false;
        m_recordOptions.reset();
        m_data = m_dataBefore;
        m_sources = m_sourcesBefore;
        tellData();
        return;
    }
    std::vector<PolicySpec> kept;
    for (std::size_t i = 0; i < m_specs.size(); ++i)
        if (std::find(m_missing.begin(), m_missing.end(), static_cast<int>(i)) == m_missing.end())
            kept.push_back(m_specs[i]);
    setSpecs(std::move(kept));
}

// --- stopping and going on

void Workspace::stop()
{
    if (isRecording() && !std::exchange(m_pauseAsked, true))
        m_pause->ask();
    else if (m_recordJob.isRunning())
        m_recordJob.cancel();
    m_openJob.cancel();
    if (!m_following)
        m_replayJob.cancel();
    m_runs.cancel();
}

void Workspace::abandon()
{
    m_recordJob.stop();
    m_openJob.stop();
    endFollowing();
    m_replayJob.stop();
    m_isPaused = m_pauseAsked = false;
    m_preview.reset();
    m_begun.reset();
    m_tokensDone.reset();
    m_held.reset();
    m_partial.reset();
    m_warnings.reset();
    m_size.reset();
}

void Workspace::resume()
{
    if (isWorking())
        return;
    if (m_isPaused) {
        m_isPaused = m_pauseAsked = false;
        begin(m_jobName);
        m_jobFrom = m_jobFraction;
        m_pause->goOn();
    } else if (!m_data.trace && m_recordOptions)
        record(*m_recordOptions, m_textFile);
    else
        startReplay();
}

// --- runs

void Workspace::connectRuns()
{
    m_runs.setObjectName(QStringLiteral("runs"));
    connect(&m_runs, &PolicyRuns::changed, this, [this] {
        tellData();
        emit statesChanged();
    });
    connect(&m_runs, &PolicyRuns::progressed, this, &Workspace::jobChanged);
    connect(&m_runs, &PolicyRuns::warned, this, &Workspace::warned);
    connect(&m_runs, &PolicyRuns::stopped, this, &Workspace::warned); // there is nothing to go on with
    connect(&m_runs, &PolicyRuns::failed, this, &Workspace::failed);
    connect(&m_runs, &PolicyRuns::ended, this, &Workspace::endJob);
}

void Workspace::run(std::vector<PolicySpec> policies, std::vector<fs::path> models)
{
    if (!m_data.trace || policies.empty() || m_runs.isRunning())
        return;
    if (!m_sources.model.empty())
        models.insert(models.begin(), m_sources.model);
    m_busy = true;
    m_runs.start({.recording = m_data.info, .policies = std::move(policies), .prompt = m_prompt, .models = std::move(models)});
}

std::optional<AtStake> Workspace::atStake() const
{
    const bool finished = isTemporary(m_sources.trace);
    const bool unfinished = m_recordJob.isRunning();
    const bool runs = m_runs.finished(m_prompt) && m_runs.file().empty();
    if (m_isDemo || (!unfinished && !finished && !runs))
        return std::nullopt;
    if (!unfinished && !finished)
        return AtStake{.name = m_sources.textName, .running = false, .bytes = 0, .runs = true};
    const fs::path file = unfinished ? partPath(m_recordOptions->out) : m_sources.trace;
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(file, error);
    return AtStake{unfinished ? text(m_recordOptions->textName) : m_sources.textName, unfinished, error ? 0 : bytes, false};
}

fs::path Workspace::temporaryTrace(const QString& name)
{
    if (!m_folder)
        m_folder = std::make_unique<QTemporaryDir>();
    const QString file = QStringLiteral("%1-%2.h5").arg(name.isEmpty() ? QStringLiteral("recording") : name).arg(++m_recordings);
    return m_folder->filePath(file).toStdString();
}

bool Workspace::isTemporary(const fs::path& path) const
{
    return m_folder && !path.empty() && text(path.string()).startsWith(m_folder->path());
}

} // namespace winnow::app
